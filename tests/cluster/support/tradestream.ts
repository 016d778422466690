/** The stack `local` with changes to its configuration, and its pods. */
import { configuration, raw, type Change } from "../../support/configuration.ts";
import { engine, engineOk, eventually, get, type KubeObject, type Result } from "./commands.ts";

export const namespace = "tradestream";
const stack = ["--stack", "local"];

/** Whether the long form of the tests is wanted (`make soak`). */
export const isSoak = process.env["SOAK"] !== undefined;

/** Command-line arguments for changed values by path; keys that no path begins with stay as the stack's file has them. */
function changed(change: Change): string[] {
    const config = raw(configuration("local", change));
    const keys = new Set(Object.keys(change).map((place) => /^[^.[]+/.exec(place)![0]));
    return [...keys].flatMap((key) => ["--config", `${key}=${config[key]}`]);
}

/** Runs `up` with changes, whatever comes of it. */
export function up(change: Change = {}): Promise<Result> {
    return engine(["up", ...stack, "--yes", ...changed(change)]);
}

/** Runs `up` with changes; fails with all that it printed unless it ends with 0. */
export async function upOk(change: Change = {}): Promise<void> {
    await engineOk(["up", ...stack, "--yes", ...changed(change)]);
}

/** Removes everything, whatever an earlier test has left. */
export async function destroy(): Promise<void> {
    await engineOk(["destroy", ...stack, "--yes"]);
}

/** The pods of a service. */
export function podsOf(component: string): Promise<readonly KubeObject[]> {
    return get("pods", "-n", namespace, "-l", `app.kubernetes.io/component=${component}`);
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

/** Whether the pod has been told to end. */
export function isLeaving({ metadata }: KubeObject): boolean {
    return metadata.deletionTimestamp !== undefined;
}
