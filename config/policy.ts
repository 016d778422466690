/** Settings of the guard, which checks the program against the policies. */
import { existsSync, readFileSync } from "node:fs";
import { parseSettings, policyPart, SettingsError } from "../policy-pack/settings.ts";
import type { Settings } from "./schema.ts";
import { isObject, type JsonObject } from "./values.ts";

export interface PolicyConfig {
    /** Whether the guard checks anything. */
    readonly enabled: boolean;
    /** The policy `kubernetes` of the policy pack's configuration. */
    readonly settings: unknown;
    /** Today (UTC), as in `2026-11-21`. */
    readonly today: string;
}

/** Reads the configuration of the policy pack, the file that `--policy-pack-config` takes. */
export function policyConfig({ enforce, config }: Settings["policy"]): PolicyConfig {
    const today = new Date().toISOString().slice(0, 10);
    return { enabled: enforce, settings: enforce ? policyPart(readPolicies(config)) : undefined, today };
}

/** Why the guard cannot use the file; `undefined` where it can, or need not. */
export function policyFileProblem({ enforce, config }: Settings["policy"]): string | undefined {
    const policies = readPolicies(config);
    if (!enforce || policyPart(policies) !== undefined) return undefined;
    if (policies !== undefined) return 'which has no part for the policy "kubernetes"';
    return existsSync(config) ? "which is not a file with a JSON object" : "which does not exist";
}

/** What is wrong in a file that the guard can read. */
export function policySettingsErrors({ enforce, config }: Settings["policy"]): readonly string[] {
    try {
        parseSettings(enforce ? policyPart(readPolicies(config)) : undefined, "");
        return [];
    } catch (error) {
        if (error instanceof SettingsError) return error.errors;
        throw error;
    }
}

function readPolicies(file: string): JsonObject | undefined {
    try {
        // A byte order mark is no JSON, and decoding leaves it out.
        const policies: unknown = JSON.parse(new TextDecoder().decode(readFileSync(file)));
        return isObject(policies) ? policies : undefined;
    } catch {
        return undefined;
    }
}
