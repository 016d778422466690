/** Settings of the guard, which checks the program against the policies. */
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "./schema.ts";

export interface PolicyConfig {
    /** Whether the guard checks anything. */
    readonly enabled: boolean;
    /** The policy `kubernetes` of the policy pack's configuration. */
    readonly settings: unknown;
    /** Today (UTC), as in `2026-11-21`. */
    readonly today: string;
}

/**
 * Reads the policy pack's configuration file, the one that `--policy-pack-config` takes.
 * @throws pulumi.RunError when there is no such file, or it is no JSON object.
 */
export function policyConfig({ enforce, config }: Settings["policy"]): PolicyConfig {
    const today = new Date().toISOString().slice(0, 10);
    if (!enforce) {
        return { enabled: false, settings: undefined, today };
    }
    try {
        const policies = JSON.parse(readFileSync(config, "utf8")) as { readonly kubernetes?: unknown };
        return { enabled: true, settings: policies.kubernetes, today };
    } catch (error) {
        throw new pulumi.RunError(
            `policy.config is ${config}, which cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}`,
        );
    }
}
