/** Policy packs of the command line and of the environment, for the time of a run. */
import process from "node:process";
import { startMonitor } from "../monitor.ts";
import type { Registrar } from "../monitor.ts";
import { PolicyPacks } from "../policy.ts";
import type { PolicyChecker } from "../policy.ts";
import type { RunOptions, Workbench } from "./shared.ts";

export interface PolicyOption {
    readonly policy?: Promise<PolicyChecker>;
}

/** Runs `work` with the policy packs of the command line and of the environment, if there are any. */
export async function withPolicies(
    bench: Workbench,
    options: RunOptions,
    work: (policy: PolicyOption) => Promise<number>,
): Promise<number> {
    const inherited = (process.env["PULUMI_OPTION_POLICY_PACK"] ?? "")
        .split(",")
        .filter((directory) => directory !== "");
    const directories = options.policyPack.length > 0 ? options.policyPack : inherited;
    if (directories.length === 0) return work({});
    const { session, display } = bench;
    const engine = await startMonitor({
        project: session.project.name,
        stack: session.stack,
        registrar: nobody,
        log: (severity, message, urn) => {
            if (severity !== "debug") display.message(severity, message, urn);
        },
    });
    const starting = session.config().then((config) =>
        PolicyPacks.start({
            directories,
            configFile: options.policyPackConfig ?? process.env["PULUMI_OPTION_POLICY_PACK_CONFIG"],
            project: session.project.name,
            projectDirectory: session.project.directory,
            stack: session.stack,
            config,
            engineAddress: engine.address,
            events: display,
        }),
    );
    starting.catch(() => undefined); // it is waited for where it is needed
    try {
        return await work({ policy: starting });
    } finally {
        await starting.then(
            (packs) => packs.close(),
            () => undefined,
        );
        engine.close();
    }
}

/** Policy packs log, they register nothing. */
const nobody: Registrar = {
    urn: () => "",
    register: (goal) => Promise.resolve({ urn: goal.urn, id: "", outputs: {}, ok: false }),
    registerOutputs: () => Promise.resolve(),
    fail: () => undefined,
};
