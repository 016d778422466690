import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { isTree } from "./model/view.ts";
import { policyPart } from "./settings.ts";
import { decode } from "./yaml.ts";

const FILE = "policy-config.json";

/**
 * The configuration for this pack in the directory's `policy-config.json`; `undefined` without such a file.
 * @throws Error that names the file when it is not JSON
 */
export function readOwnConfig(directory = ""): unknown {
    const file = join(directory, FILE);
    return directory === "" || !existsSync(file) ? undefined : policyPart(read(file, JSON.parse));
}

/**
 * The environment that a stack's file in the directory names (`<project>:environment`); `undefined` where it names none.
 * The engine tells a pack the stack's name, and the SDK of packs does not pass its configuration on. A file elsewhere, named
 * with `--config-file`, is not seen.
 * @throws Error that names a file that is not YAML
 */
export function readEnvironment(directory = "", stack = ""): string | undefined {
    const [projectFile, stackFile] = [join(directory, "Pulumi.yaml"), join(directory, `Pulumi.${stack}.yaml`)];
    if (directory === "" || stack === "" || !existsSync(projectFile) || !existsSync(stackFile)) return undefined;
    const merging = (text: string): unknown => parse(text, { merge: true });
    const [project, content] = [read(projectFile, parse), read(stackFile, merging)];
    const config = isTree(content) && isTree(content["config"]) ? content["config"] : {};
    const value = config[`${isTree(project) ? String(project["name"]) : ""}:environment`] ?? config["environment"];
    return typeof value === "string" ? value : undefined;
}

/** The error does not quote the text, which may hold a secret. */
function read(file: string, parser: (text: string) => unknown): unknown {
    try {
        return parser(decode(readFileSync(file)));
    } catch {
        throw new Error(`${file} is not valid ${file.endsWith(".json") ? "JSON" : "YAML"}`);
    }
}
