import path from "node:path";

import { UNKNOWN } from "../../policy-pack/model/unknown.ts";
import { createRun, toViolation } from "../../policy-pack/run.ts";
import type { Report } from "../../policy-pack/check.ts";
import { joinReports } from "../../policy-pack/check.ts";
import { parseSettings } from "../../policy-pack/settings.ts";
import { violations, VIOLATIONS_CONFIG, withUnknown, type Part } from "./violations.ts";

/** The program whose resources break every rule. */
export const VIOLATING_PROGRAM = path.resolve(import.meta.dirname, "../fixtures/violating-program");

/** What a policy says through an engine. */
export interface Said {
    readonly policy: string;
    readonly level: string;
    readonly urn: string;
    readonly message: string;
}

/** What the pack itself finds among the violations, without any engine. */
export async function findViolations(options: {
    readonly helm: string;
    readonly stack: string;
    readonly today: string;
    readonly part: Part;
}): Promise<Report> {
    const { helm, stack, today, part } = options;
    const settings = parseSettings(VIOLATIONS_CONFIG, today, { stack });
    const run = createRun({ helm, directories: [VIOLATING_PROGRAM] });
    const reports: Report[] = [];
    const urns: string[] = [];
    for (const { name, type, props, protect } of violations(part)) {
        const urn = `urn:pulumi:${stack}::violating::${type}::${name}`;
        urns.push(urn);
        reports.push(await run.resource({ type, name, urn, props: withUnknown(props, UNKNOWN), protect }, settings));
    }
    // An engine that has failed at a resource does not ask about the stack.
    return joinReports(part === "chart" ? reports : [...reports, run.stack(urns, settings)]);
}

/** The findings as they go over the wire; what is about no resource is about the stack. */
export function saidOf({ findings }: Report): readonly Said[] {
    return findings.map((finding) => {
        const { name, message, urn = "", enforcementLevel = "mandatory" } = toViolation(finding);
        return { policy: name, level: enforcementLevel, urn, message };
    });
}

/**
 * One line for each thing said, in order, for comparisons. The stack's own URN is as good as none, and so is the
 * namespace default, which an engine writes where there is none.
 */
export function lines(said: readonly Said[]): readonly string[] {
    return said
        .map(({ policy, level, urn, message }) => {
            const about = urn.includes("::pulumi:pulumi:Stack::") ? "" : urn.replace(/^.*::/, "");
            return `${level} ${policy} ${about}: ${message.trim().replaceAll(" default/", " ")}`;
        })
        .sort();
}
