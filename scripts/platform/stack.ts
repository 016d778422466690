/** The commands of the CLI on the stack `local` of a target. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { hasHttps } from "../../local/https/index.ts";
import { ensurePulumi, type Pulumi } from "../../local/pulumi/index.ts";
import { prune } from "../../local/pulumi/prune.ts";
import { type Ended, runPulumi } from "../../local/pulumi/run.ts";
import { type LocalStack, openStack, stackArguments } from "../../local/pulumi/stack.ts";
import type { Report } from "../../local/report.ts";
import { diagnose } from "../diagnose.ts";
import { type Kubectl, kubectlFor } from "../kubectl.ts";
import { recover, type StackCommand } from "../recover.ts";
import { haveRolledOut } from "../rollouts.ts";
import { httpsConfig } from "./https.ts";
import { clusterName, localStack, namespace, project, root, type Target } from "./target.ts";

/** A stack that commands can run on. */
export interface Session {
    readonly pulumi: Pulumi;
    readonly stack: LocalStack;
    readonly target: Target;
    /** On the target's cluster. */
    readonly kubectl: Kubectl;
}

/**
 * Finds or builds the CLI, and opens the stack. With `pinCluster` the stack remembers the cluster of its first deployment;
 * the program refuses any other from then on.
 *
 * @throws when the kubeconfig has no context of that name, before anything is written
 */
export async function openSession(
    target: Target,
    options: { readonly pinCluster: boolean },
    report: Report,
): Promise<Session> {
    const pulumi = await ensurePulumi(report);
    const kubectl = await kubectlFor(target, report);
    if (target.context !== undefined) await checkContext(target.context, kubectl);
    const uid = pinnedCluster(target) ?? (options.pinCluster ? await pinCluster(target, kubectl) : undefined);
    const config = {
        ...(target.context === undefined && hasHttps(clusterName) && httpsConfig()),
        ...(target.context !== undefined && { [`${project}:context`]: target.context }),
        ...(uid !== undefined && { [`${project}:clusterUid`]: uid }),
    };
    const file = path.join(root, `Pulumi.${localStack}.yaml`);
    const stack = await openStack(pulumi, { directory: target.directory, stack: localStack, project, file, config });
    return { pulumi, stack, target, kubectl };
}

/**
 * Runs `up`, after a repair where the last one was killed, and waits for the pods if `wait`. Returns an exit code; after a
 * failure says why pods are not ready.
 */
export async function update(session: Session, options: { readonly wait: boolean }, report: Report): Promise<number> {
    const { kubectl } = session;
    prune(session.pulumi.env["PULUMI_HOME"], session.target.directory);
    const code = await change(session, ["up", "--yes", "--skip-preview"], report);
    if (code === 0 && (!options.wait || (await haveRolledOut(kubectl, namespace, report)))) return 0;
    (await diagnose(kubectl, namespace)).forEach((line) => report.info(line));
    return code === 0 ? 1 : code;
}

/** Runs a command that changes the stack, after a repair where the last one was killed. Returns its exit code. */
export async function change(session: Session, args: readonly string[], report: Report): Promise<number> {
    const unfinished = path.join(session.target.directory, "unfinished");
    if (existsSync(unfinished))
        (await recover(commandOf(session), session.kubectl, namespace, report)).forEach((line) => report.info(line));
    writeFileSync(unfinished, "");
    const { code, signal } = await start(session, args);
    // A run that was killed leaves its lock and its pending operations.
    if (signal === undefined) rmSync(unfinished, { force: true });
    return code ?? 1;
}

/** Runs a command that reads the configuration. Returns its exit code. */
export async function run(session: Session, args: readonly string[]): Promise<number> {
    return (await start(session, args)).code ?? 1;
}

function start(session: Session, args: readonly string[]): Promise<Ended> {
    const options = { cwd: root, env: environment(session) };
    return runPulumi(session.pulumi, [...args, ...stackArguments(session.stack)], options);
}

/** How scripts run the CLI on the stack. */
export function commandOf(session: Session): StackCommand {
    const { name: stack, configFile } = session.stack;
    const flags = ["--config-file", configFile];
    return { file: session.pulumi.file, cwd: root, env: environment(session), project, stack, flags };
}

function environment({ stack, target }: Session): Readonly<Record<string, string>> {
    return { ...stack.env, ...target.env };
}

/** The uid of the cluster that the stack was first deployed to. */
export function pinnedCluster(target: Target): string | undefined {
    const file = uidFile(target);
    const uid = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
    return uid === "" ? undefined : uid;
}

async function pinCluster(target: Target, kubectl: Kubectl): Promise<string> {
    const uid = await clusterUid(kubectl);
    mkdirSync(target.directory, { recursive: true, mode: 0o700 });
    writeFileSync(uidFile(target), uid);
    return uid;
}

/** Refuses another cluster than the stack's own, as the program does; `wanted` is its uid, where it is known. */
export async function checkCluster(kubectl: Kubectl, wanted: string | undefined): Promise<void> {
    if (wanted === undefined) return;
    const found = await clusterUid(kubectl);
    if (found !== wanted)
        throw new Error(
            `the stack belongs to the cluster whose kube-system has the uid ${wanted}; this one's is ${found}: name the right context`,
        );
}

async function clusterUid(kubectl: Kubectl): Promise<string> {
    const uid = await kubectl(["get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"]);
    if (!/^[0-9a-f-]{36}$/.test(uid))
        throw new Error(`the cluster gives no uid of the namespace kube-system, but "${uid}"`);
    return uid;
}

async function checkContext(context: string, kubectl: Kubectl): Promise<void> {
    const contexts = (await kubectl(["config", "get-contexts", "-o", "name"])).split("\n");
    if (!contexts.includes(context)) throw new Error(`the kubeconfig has no context ${context}`);
}

function uidFile(target: Target): string {
    return path.join(target.directory, "cluster-uid");
}
