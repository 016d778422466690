/** Follows objects until something is so. */
import { InterruptedError } from "../errors.ts";
import { KubeError, UnreachableError, pause } from "../kube/client.ts";
import type { KubeClient } from "../kube/client.ts";

/** How long one watch request lasts before it is opened anew and everything is looked at afresh. Seconds. */
const watchSeconds = 60;

export interface WatchOptions {
    /** After this many milliseconds the result is `undefined`. */
    readonly timeout: number;
    readonly signal: AbortSignal;
}

/**
 * Watches a collection (with a selector in `query`) and calls `step` for each event until it gives a result. The first
 * events are the objects that exist, unless `query` has a resourceVersion.
 */
export async function watchUntil<T>(
    client: KubeClient,
    path: string,
    query: Readonly<Record<string, string>>,
    step: (type: string, object: Record<string, unknown>) => T | undefined,
    options: WatchOptions,
): Promise<T | undefined> {
    const end = Date.now() + options.timeout;
    while (Date.now() < end) {
        const stop = new AbortController();
        const abort = (): void => stop.abort();
        const timer = setTimeout(abort, end - Date.now());
        options.signal.addEventListener("abort", abort, { once: true });
        let result: T | undefined;
        try {
            if (options.signal.aborted) throw new InterruptedError();
            await client.watch(
                path,
                { ...query, timeoutSeconds: String(watchSeconds) },
                (type, object) => {
                    if (type === "ERROR" || result !== undefined) return;
                    result = step(type, object);
                    if (result !== undefined) stop.abort();
                },
                stop.signal,
            );
        } catch (error) {
            if (result === undefined && !isPassing(error, stop.signal)) throw error;
        } finally {
            clearTimeout(timer);
            options.signal.removeEventListener("abort", abort);
        }
        if (result !== undefined) return result;
        if (options.signal.aborted) throw new InterruptedError();
        await pause(Math.min(500, Math.max(0, end - Date.now())), options.signal);
    }
    return undefined;
}

/** Whether the same watch can be expected to work a moment later. */
function isPassing(error: unknown, signal: AbortSignal): boolean {
    if (signal.aborted || error instanceof UnreachableError) return true;
    if (error instanceof KubeError) return error.status === 410 || error.status === 429 || error.status >= 500;
    return !(error instanceof InterruptedError) && (error as NodeJS.ErrnoException).code !== undefined;
}
