/** Commands on any stack: `local` in the backend of this machine, every other one in the backend of its operator. */
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline/promises";
import { withHome } from "../../config/kubeconfig.ts";
import { status as clusterStatus } from "../../local/cluster/index.ts";
import { ensurePulumi } from "../../local/pulumi/index.ts";
import { runPulumi } from "../../local/pulumi/run.ts";
import { readStackFile } from "../../local/pulumi/stackFile.ts";
import type { Report } from "../../local/report.ts";
import { deploy, type DeployOptions, type Outcome, rollBack, type Site } from "../deploy/index.ts";
import { diagnose } from "../diagnose.ts";
import { type Kubectl, kubectlFor, type KubeTarget } from "../kubectl.ts";
import { read, recordsFile } from "../drills/records.ts";
import { readMetrics } from "../metrics/index.ts";
import { plot } from "../metrics/plot.ts";
import { metricsText } from "../metrics/text.ts";
import { recover, type StackCommand } from "../recover.ts";
import { restore } from "../restore.ts";
import { type Credential, credentials, isGiven, rotate } from "../rotate/index.ts";
import { haveRolledOut } from "../rollouts.ts";
import { type Alertmanager, alertmanagerOf } from "../status/alerts.ts";
import { readStatus } from "../status/index.ts";
import { statusLines } from "../status/text.ts";
import { hintsFor } from "./hints.ts";
import { checkCluster, commandOf, openSession, pinnedCluster } from "./stack.ts";
import { clusterName, localStack, project, root, target, type Target } from "./target.ts";

/** Commands that read the configuration: without `--config-file` they would take the tracked stack file. */
const configured = new Set(["config", "destroy", "preview", "refresh", "up"]);

/** The longest that a request of the status may take. */
const patience = "15s";

/** Runs the CLI: on the stack of `place`, else with the variables of this process alone. Returns its exit code. */
export async function pulumiOn(args: readonly string[], report: Report, place?: Target): Promise<number> {
    if (place === undefined) {
        const pulumi = await ensurePulumi(report);
        return (await runPulumi(pulumi, args, { cwd: root, env: pulumi.env })).code ?? 1;
    }
    const session = await openSession(place, { pinCluster: false }, report);
    const { cwd, env, stack, flags } = commandOf(session);
    const [name = "", ...rest] = args;
    const own = configured.has(name) ? flags : [];
    return (
        (await runPulumi(session.pulumi, [name, ...own, ...rest], { cwd, env: { ...env, PULUMI_STACK: stack } }))
            .code ?? 1
    );
}

/** Repairs a stack and prints what was repaired. Returns an exit code. */
export async function recoverStack(stack: string, context: string | undefined, report: Report): Promise<number> {
    const { command, kubectl, namespace } = await siteOf(stack, context, report);
    const repaired = await recover(command, kubectl, namespace, report);
    process.stdout.write(repaired.length === 0 ? "nothing to repair\n" : `${repaired.join("\n")}\n`);
    return 0;
}

/** Deploys the commit that is checked out, and prints what came of it. Returns an exit code of `scripts/deploy`. */
export async function deployStack(stack: string, options: DeployOptions, report: Report): Promise<number> {
    return summarized(stack, await deploy(await siteOf(stack, undefined, report), options, report), report);
}

/** Goes back to an earlier release, and prints what came of it. Returns an exit code of `scripts/deploy`. */
export async function rollBackStack(stack: string, report: Report): Promise<number> {
    return summarized(stack, await rollBack(await siteOf(stack, undefined, report), report), report);
}

/** Prints the status of a stack, and as the last line what came of a deployment: the status changes nothing in that. */
async function summarized(stack: string, { code, said }: Outcome, report: Report): Promise<number> {
    await statusOfStack(stack, {}, report).catch((error: unknown) => report.warn((error as Error).message));
    process.stdout.write(`${said}\n`);
    return code;
}

/**
 * Rotates a credential of a stack, after a question unless `yes`, and prints what came of it. Returns an exit code of
 * `scripts/deploy`.
 */
export async function rotateStack(
    stack: string,
    credential: Credential,
    { yes }: { readonly yes?: boolean },
    report: Report,
): Promise<number> {
    if (stack === localStack)
        throw new Error(
            `the stack ${localStack} is thrown away: \`make purge\` and \`make up\` give it new credentials`,
        );
    if (yes !== true && isGiven(credential) && !process.stdin.isTTY)
        throw new Error("standard input is the new value, so that nothing can be asked: give --yes");
    const site = await siteOf(stack, undefined, report);
    for (const line of credentials[credential]) report.info(line);
    report.info(
        `What else has changed in the work tree is deployed too. Commit ${path.basename(site.stackFile)} afterwards.`,
    );
    if (yes !== true && !(await isConfirmed(stack)))
        throw new Error("nothing was changed: the answer is not the name of the stack");
    const { code, said } = await rotate(site, credential, report);
    process.stdout.write(`${said}\n`);
    return code;
}

/** A stack as it is deployed. */
export async function siteOf(stack: string, context: string | undefined, report: Report): Promise<Site> {
    const place = placeOf(stack, context);
    const kubectl = await kubectlFor(place, report);
    await checkCluster(kubectl, place.clusterUid);
    const { namespace, releaseName } = place;
    return { kubectl, namespace, releaseName, ...(await commandFor(stack, context, report)) };
}

async function commandFor(
    stack: string,
    context: string | undefined,
    report: Report,
): Promise<Pick<Site, "command" | "stackFile">> {
    if (stack === localStack) {
        const session = await openSession(target(context), { pinCluster: false }, report);
        return { command: commandOf(session), stackFile: session.stack.configFile };
    }
    const command: StackCommand = { ...(await ensurePulumi(report)), cwd: root, project, stack, flags: [] };
    return { command, stackFile: stackFileOf(stack) };
}

interface MetricsOptions {
    readonly days: number;
    readonly json?: boolean;
    /** File for a plot. */
    readonly plot?: string;
    /** File with the records of drills. Default: that of `npm run drill`. */
    readonly drills?: string;
}

/** Prints how often, how fast and how well a stack is deployed, as text or as JSON, and writes a plot. Returns 0. */
export async function metricsOf(
    stack: string,
    { days, json, plot: file, drills }: MetricsOptions,
    report: Report,
): Promise<number> {
    const { command } = await commandFor(stack, undefined, report);
    const metrics = await readMetrics(command, days, new Date(), read(drills ?? recordsFile(), drills !== undefined));
    if (file !== undefined) writeFileSync(file, plot(metrics));
    process.stdout.write(json === true ? `${JSON.stringify(metrics, null, 2)}\n` : `${metricsText(metrics)}\n`);
    return 0;
}

/**
 * Prints why pods are not ready, after the end of all rollouts if `wait`. Returns 1 when there are such pods.
 * @throws when the cluster cannot be asked
 */
export async function diagnoseStack(
    stack: string,
    { context, wait }: { readonly context?: string; readonly wait?: boolean },
    report: Report,
): Promise<number> {
    const place = placeOf(stack, context);
    if (stack === localStack && context === undefined) requireLocalCluster();
    const kubectl = await kubectlFor(place, report);
    await checkCluster(kubectl, place.clusterUid);
    const complete = wait !== true || (await haveRolledOut(kubectl, place.namespace, report));
    const lines = await diagnose(kubectl, place.namespace);
    if (lines.length > 0) process.stdout.write(`${lines.join("\n")}\n`);
    else if (complete) process.stdout.write("all pods are ready\n");
    return complete && lines.length === 0 ? 0 : 1;
}

/**
 * Prints the status of a stack, as text with what to try next, or as JSON. Returns 1 when something is not as it should be.
 * @throws when the cluster cannot be asked
 */
export async function statusOfStack(
    stack: string,
    { context, json }: { readonly context?: string; readonly json?: boolean },
    report: Report,
): Promise<number> {
    const place = placeOf(stack, context);
    if (stack === localStack && context === undefined) requireLocalCluster();
    const anyKubectl = await kubectlFor(place, report);
    const kubectl: Kubectl = (args) => anyKubectl([...args, `--request-timeout=${patience}`]);
    const unanswered = (error: unknown): never => {
        throw new Error(`the cluster of ${stack} cannot be asked: ${(error as Error).message}`, { cause: error });
    };
    await checkCluster((args) => kubectl(args).catch(unanswered), place.clusterUid);
    const status = await readStatus({ ...place, stack }, kubectl).catch(unanswered);
    const lines =
        json === true
            ? [JSON.stringify(status, null, 2)]
            : [
                  "",
                  ...statusLines(status, process.stdout),
                  ...["", "Try next:", ...(await hintsFor(status, place, report)).map((hint) => `  ${hint}`), ""],
              ];
    process.stdout.write(`${lines.join("\n")}\n`);
    return status.healthy ? 0 : 1;
}

function requireLocalCluster(): void {
    const { phase } = clusterStatus(clusterName);
    if (phase !== "ready") throw new Error(`the local cluster is ${phase}: run \`make up\``);
}

/** Restores the database of a stack, after a question unless `yes`. Returns an exit code. */
export async function restoreStack(
    stack: string,
    { context, time, yes }: { readonly context?: string; readonly time?: Date; readonly yes?: boolean },
    report: Report,
): Promise<number> {
    const place = placeOf(stack, context);
    const kubectl = await kubectlFor(place, report);
    await checkCluster(kubectl, place.clusterUid);
    const state = time === undefined ? "the latest state of its backups" : `its state at ${time.toISOString()}`;
    const { namespace } = place;
    if (yes !== true) {
        report.info(`The database of ${stack} (namespace ${namespace}) is stopped and set back to ${state}.`);
        report.info("What was written since then is lost, and the services are without a database meanwhile.");
        if (!(await isConfirmed(stack)))
            throw new Error("nothing was changed: the answer is not the name of the stack");
    }
    await restore({ ...place, time }, kubectl, report);
    process.stdout.write(`the database of ${stack} has ${state}, and serves\n`);
    return 0;
}

function stackFileOf(stack: string): string {
    return path.join(root, `Pulumi.${stack.split("/").at(-1)}.yaml`);
}

/** Asks for the name of the stack. Where nobody can answer, that is a no. */
export async function isConfirmed(stack: string): Promise<boolean> {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    const closed = once(terminal, "close").then(() => "");
    try {
        const answer = await Promise.race([terminal.question("Type the name of the stack to go on: "), closed]);
        return answer.trim() === stack;
    } finally {
        terminal.close();
    }
}

interface Place extends KubeTarget {
    readonly namespace: string;
    readonly releaseName: string;
    /** uid of the namespace kube-system, where the stack file pins it. */
    readonly clusterUid?: string | undefined;
    /** Where it is asked what fires. */
    readonly alertmanager: Alertmanager | undefined;
}

/**
 * The file of the kubeconfig that a stack file names.
 * @throws where it is a text, which kubectl takes from a file only, or where there is no such file
 */
export function kubeconfigFile(stack: string, given: unknown): string {
    if (typeof given !== "string" || /[\n{]/.test(given))
        throw new Error(
            `the kubeconfig of ${stack} is no file here: write it to one, name that in $KUBECONFIG, and give --context`,
        );
    const file = path.resolve(root, withHome(given));
    if (existsSync(file)) return file;
    throw new Error(
        `the kubeconfig of ${stack} is ${file}, and no such file exists: pulumi config set --stack ${stack} kubeconfig '<path>'`,
    );
}

/**
 * The cluster and namespace of a stack, as its stack file names them; `context` wins.
 * @throws where kubectl cannot read the kubeconfig that the stack file names
 */
export function placeOf(stack: string, context: string | undefined): Place {
    const { config } = readStackFile(stackFileOf(stack), project);
    const text = (key: string): string | undefined => {
        const value = config[`${project}:${key}`];
        return typeof value === "string" && value !== "" ? value : undefined;
    };
    const namespace = text("namespace") ?? project;
    const releaseName = text("releaseName") ?? project;
    const stackPlace = { namespace, releaseName, alertmanager: alertmanagerOf(config, project) };
    if (stack === localStack) {
        const place = target(context);
        return { ...place, ...stackPlace, clusterUid: pinnedCluster(place) };
    }
    const { [`${project}:kubeconfig`]: given } = config;
    const isTaken = context === undefined && given !== undefined && given !== "";
    const env = isTaken ? { KUBECONFIG: kubeconfigFile(stack, given) } : {};
    return { context: context ?? text("context"), env, ...stackPlace, clusterUid: text("clusterUid") };
}
