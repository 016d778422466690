/** Stacks that ship their logs. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Exemption } from "../../policy-pack/settings.ts";
import { type Change, root } from "./configuration.ts";

/** The exemptions that docs/logging.md gives. */
export function exemptions(): readonly Exemption[] {
    const page = readFileSync(path.join(root, "docs/logging.md"), "utf8");
    const [, list = ""] = /```json\n([^]*?)```/.exec(page) ?? [];
    return JSON.parse(list) as readonly Exemption[];
}

/** Writes the repository's configuration of the policies with them into a file, and returns the change that uses it. */
export function exempted(file: string): Change {
    const config = JSON.parse(readFileSync(path.join(root, "policy-config.json"), "utf8")) as {
        readonly kubernetes: { readonly exemptions: readonly object[] };
    };
    const { kubernetes } = config;
    const all = { kubernetes: { ...kubernetes, exemptions: [...kubernetes.exemptions, ...exemptions()] } };
    writeFileSync(file, JSON.stringify(all));
    return { "policy.config": file };
}
