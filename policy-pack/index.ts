import { dirname } from "node:path";
import { PolicyPack } from "@pulumi/policy";
import type {
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationPolicy,
    StackValidationPolicy,
} from "@pulumi/policy";

import type { Report } from "./check.ts";
import { stackOf } from "./resources.ts";
import { createRun, toViolation, type Violation } from "./run.ts";
import { CONFIG_SCHEMA } from "./schema.ts";
import { readEnvironment, readOwnConfig } from "./own-config.ts";
import { parseSettings, type Settings } from "./settings.ts";

// CrossGuard starts this module in the pack's directory, with the environment of whoever called pulumi.
const directories = [process.env["PWD"] ?? "", dirname(process.cwd())].filter((directory) => directory !== "");
const run = createRun({ helm: process.env["HELM"] ?? "helm", directories });
/** What applies without `--policy-pack-config`: the program's own `policy-config.json`, where it has one. */
const ownConfig = readOwnConfig(process.env["PWD"]);
const today = new Date().toISOString().slice(0, 10);

let lastKey = "";
let lastSettings: Settings | undefined;

function settingsFrom(given: object, urn: string | undefined): Settings {
    const stack = stackOf(urn);
    const key = JSON.stringify([given, stack]);
    if (lastSettings === undefined || key !== lastKey) {
        const config: unknown = Object.keys(given).length > 0 ? given : ownConfig;
        const environment = readEnvironment(process.env["PWD"], stack);
        [lastKey, lastSettings] = [key, parseSettings(config, today, { stack, environment })];
    }
    return lastSettings;
}

function report({ findings }: Report, reportViolation: ReportViolation): void {
    // The SDK takes a whole violation here, with a name and a level of its own; its types show the short form only.
    const take = reportViolation as unknown as (violation: Violation) => void;
    for (const finding of findings) take(toViolation(finding));
}

/**
 * One policy with both passes instead of one per rule: CrossGuard decodes every resource once per policy, which would
 * cost more than all the rules together. Each finding carries its rule's name and level.
 */
const kubernetes: ResourceValidationPolicy & StackValidationPolicy = {
    name: "kubernetes",
    description: "Kubernetes objects, also those inside Helm releases, are secure, available and well formed.",
    enforcementLevel: "mandatory",
    configSchema: { properties: CONFIG_SCHEMA } satisfies PolicyConfigSchema,
    validateResource: async (args, reportViolation) => {
        const { type, name, urn, props, opts, provider } = args;
        if (!type.startsWith("kubernetes:")) return;
        const namespace = namespaceOfProvider(provider?.props);
        const resource = { type, name, urn, props, protect: opts.protect, ignoreChanges: opts.ignoreChanges };
        const full = namespace === undefined ? resource : { ...resource, defaultNamespace: namespace };
        report(await run.resource(full, settingsFrom(args.getConfig(), urn)), reportViolation);
    },
    validateStack: (args, reportViolation) => {
        const urns = args.resources.map((resource) => resource.urn);
        report(run.stack(urns, settingsFrom(args.getConfig(), urns[0])), reportViolation);
    },
};

function namespaceOfProvider(props: Record<string, unknown> | undefined): string | undefined {
    try {
        const namespace = props?.["namespace"];
        return typeof namespace === "string" ? namespace : undefined;
    } catch {
        return undefined; // Unknown in this preview.
    }
}

new PolicyPack("tradestream-policy-pack", {
    description: "Checks every Kubernetes object of a program, and those inside its Helm releases.",
    policies: [kubernetes],
});
