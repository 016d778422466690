/** The commands of the CLI on the stack `local` of a target. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ensurePulumi, type Pulumi } from "../../local/pulumi/index.ts";
import { prune } from "../../local/pulumi/prune.ts";
import { runPulumi } from "../../local/pulumi/run.ts";
import { type LocalStack, openStack, stackArguments } from "../../local/pulumi/stack.ts";
import type { Report } from "../../local/report.ts";
import { diagnose } from "../diagnose.ts";
import { kubectlFor } from "../kubectl.ts";
import { recover, type StackCommand } from "../recover.ts";
import { haveRolledOut } from "../rollouts.ts";
import { localStack, namespace, project, root, type Target } from "./target.ts";

/** A stack that commands can run on. */
export interface Session {
    readonly pulumi: Pulumi;
    readonly stack: LocalStack;
    readonly target: Target;
}

/**
 * Finds or builds the CLI, and opens the stack. `pinCluster` makes the program refuse any cluster
 * but the one of the stack's first deployment.
 */
export async function openSession(
    target: Target,
    options: { readonly pinCluster: boolean },
    report: Report,
): Promise<Session> {
    const pulumi = await ensurePulumi(report);
    const config = {
        ...(target.context !== undefined && { [`${project}:context`]: target.context }),
        ...(options.pinCluster && { [`${project}:clusterUid`]: await clusterUid(target, report) }),
    };
    const file = path.join(root, `Pulumi.${localStack}.yaml`);
    const stack = await openStack(pulumi, { directory: target.directory, stack: localStack, project, file, config });
    return { pulumi, stack, target };
}

/**
 * Runs `up`, after a repair where the last one was killed, and waits for the pods if `wait`. Returns an exit code; after a
 * failure says why pods are not ready.
 */
export async function update(session: Session, options: { readonly wait: boolean }, report: Report): Promise<number> {
    const kubectl = await kubectlFor(session.target, report);
    const { pulumi, target } = session;
    prune(pulumi.env["PULUMI_HOME"], target.directory);
    const unfinished = path.join(target.directory, "unfinished");
    if (existsSync(unfinished)) {
        (await recover(commandOf(session), kubectl, namespace, report)).forEach((line) => report.info(line));
    }
    writeFileSync(unfinished, "");
    const code = await run(session, ["up", "--yes", "--skip-preview"]);
    rmSync(unfinished);
    if (code === 0 && (!options.wait || (await haveRolledOut(kubectl, namespace, report)))) return 0;
    (await diagnose(kubectl, namespace)).forEach((line) => report.info(line));
    return code === 0 ? 1 : code;
}

/** Runs a command that reads the configuration. Returns its exit code. */
export async function run(session: Session, args: readonly string[]): Promise<number> {
    const { code } = await runPulumi(session.pulumi, [...args, ...stackArguments(session.stack)], {
        cwd: root,
        env: environment(session),
    });
    return code ?? 1;
}

/** How scripts run the CLI on the stack. */
export function commandOf(session: Session): StackCommand {
    const { name: stack, configFile } = session.stack;
    const flags = ["--config-file", configFile];
    return { file: session.pulumi.file, cwd: root, env: environment(session), stack, flags };
}

function environment({ stack, target }: Session): Readonly<Record<string, string>> {
    return { ...stack.env, ...target.env };
}

/** The uid of the cluster that the stack was first deployed to; the one of today's at the first deployment. */
async function clusterUid(target: Target, report: Report): Promise<string> {
    const file = path.join(target.directory, "cluster-uid");
    if (existsSync(file)) return readFileSync(file, "utf8");
    const kubectl = await kubectlFor(target, report);
    const uid = await kubectl(["get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"]);
    mkdirSync(target.directory, { recursive: true, mode: 0o700 });
    writeFileSync(file, uid);
    return uid;
}
