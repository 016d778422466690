/** The stack `local` with changes to its configuration, and its pods. */
import { diagnose } from "../../../scripts/diagnose.ts";
import { haveRolledOut } from "../../../scripts/rollouts.ts";
import type { Change } from "../../support/configuration.ts";
import { eventually, get, type KubeObject, kubectl } from "./commands.ts";
import { TestStack } from "./pulumi.ts";
import { silent } from "../../support/reports.ts";

export const namespace = "tradestream";

/** Whether the long form of the tests is wanted (`make soak`). */
export const isSoak = process.env["SOAK"] !== undefined;

/** What an update said, and after a failure what `diagnose` says, as `make up` prints it. */
export interface Outcome {
    readonly failed: boolean;
    readonly said: string;
    /** What `pulumi up` itself has printed. */
    readonly printed: string;
    /** Lines of `diagnose`. */
    readonly diagnosis: readonly string[];
}

/** Runs `up` with changes and waits for the pods, as `make up` does, whatever comes of it. */
export async function up(change: Change = {}): Promise<Outcome> {
    const { code, stdout, stderr } = await (await TestStack.of("local", change)).run(["up", "--yes", "--skip-preview"]);
    const run = (args: readonly string[]): Promise<string> => kubectl(...args);
    const failed = code !== 0 || !(await haveRolledOut(run, namespace, silent));
    const diagnosis = failed ? await diagnose(run, namespace) : [];
    const printed = [stdout, stderr].join("\n");
    return { failed, said: [printed, ...diagnosis].join("\n"), printed, diagnosis };
}

/** The same; throws with all that was printed unless all is well. */
export async function upOk(change: Change = {}): Promise<void> {
    const { failed, said } = await up(change);
    if (failed) throw new Error(`pulumi up: ${said}`);
}

/** Brings the stack to a change of its configuration, from whatever an earlier suite has left. */
export async function start(change: Change = {}): Promise<void> {
    if (!(await up(change)).failed) return;
    await clear();
    await upOk(change);
}

/** Removes the stack with its state, whatever an earlier suite has left: in seconds, as no pod may end gracefully. */
export async function clear(): Promise<void> {
    await discard(await TestStack.of("local"), namespace);
}

/** Removes a stack's namespace, with one second for its pods to end, and its state. */
export async function discard(stack: TestStack, from: string): Promise<void> {
    await kubectl("delete", "namespace", from, "--ignore-not-found", "--wait=false");
    await kubectl("delete", "pods", "--all", "-n", from, "--grace-period=1", "--wait=false");
    await kubectl("wait", "namespace", from, "--for=delete", "--timeout=120s");
    stack.forget();
}

/** The pods of a service. */
export function podsOf(component: string): Promise<readonly KubeObject[]> {
    return get("pods", "-n", namespace, "-l", `app.kubernetes.io/component=${component}`);
}

/** Has the kubelet look at the volumes of pods now: at those of a pod that changes it does at once, at others once a minute. */
export function refresh(...pods: string[]): Promise<string> {
    return kubectl("annotate", "pod", "-n", namespace, ...pods, `seen=${Date.now()}`, "--overwrite");
}

/** Waits until a service has only pods that are ready and stay, and returns their uids. */
export function settled(component: string): Promise<ReadonlySet<string>> {
    return eventually(180, async () => {
        const pods = await podsOf(component);
        const isSettled = pods.length > 0 && pods.every((pod) => isReady(pod) && !isLeaving(pod));
        return isSettled ? new Set(pods.map(({ metadata }) => metadata.uid)) : undefined;
    });
}

/** Whether the pod's readiness probe passes. */
export function isReady({ status }: KubeObject): boolean {
    const conditions = (status["conditions"] ?? []) as { readonly type: string; readonly status: string }[];
    return conditions.some(({ type, status: state }) => type === "Ready" && state === "True");
}

/** Whether the pod is being deleted. */
export function isLeaving({ metadata }: KubeObject): boolean {
    return metadata.deletionTimestamp !== undefined;
}
