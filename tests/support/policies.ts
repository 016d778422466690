/** What the policy pack says of a run of the program; of the chart it sees the release alone. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { check } from "../../policy-pack/check.ts";
import { describe } from "../../policy-pack/model/object.ts";
import { objectsOf } from "../../policy-pack/resources.ts";
import { parseSettings } from "../../policy-pack/settings.ts";
import { root, type Stack } from "./configuration.ts";
import type { Program } from "./mocks.ts";

const today = "2026-11-21";

/** Breaches of mandatory rules, as `rule: object path`. `stack` is that of the program, and its environment. */
export function mandatoryFindings(stack: Stack, program: Program): readonly string[] {
    const file = JSON.parse(readFileSync(path.join(root, "policy-config.json"), "utf8")) as { kubernetes: unknown };
    const settings = parseSettings(file.kubernetes, today, { stack, environment: stack });
    const objects = program.resources.flatMap(({ inputs, ...resource }) => objectsOf({ ...resource, props: inputs }));
    return check(objects, settings)
        .findings.filter(({ level }) => level === "mandatory")
        .map(({ rule, object, path }) => `${rule}: ${describe(object)} ${path}`);
}
