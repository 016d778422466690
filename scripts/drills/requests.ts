/** Requests from outside while a drill runs: what users would notice. */
import { setTimeout } from "node:timers/promises";

export interface Requests {
    readonly sent: number;
    readonly failed: number;
}

const intervalMilliseconds = 500;
/** A user who waits longer than this has given up. */
const patienceMilliseconds = 10_000;

/** Why a request fails; undefined where it is answered, also by a redirect or by a limit of requests. */
export async function failureOf(url: string): Promise<string | undefined> {
    try {
        const signal = AbortSignal.timeout(patienceMilliseconds);
        const response = await fetch(url, { redirect: "manual", signal });
        await response.arrayBuffer();
        return response.status < 400 || response.status === 429 ? undefined : `status ${response.status}`;
    } catch (error) {
        const { message, cause } = error as Error;
        return cause instanceof Error ? cause.message : message;
    }
}

/** Asks for each address twice a second until it is stopped. */
export function startRequests(urls: readonly string[]): { readonly stop: () => Promise<Requests> } {
    const stopping = new AbortController();
    let [sent, failed] = [0, 0];
    const loops = urls.map(async (url) => {
        while (!stopping.signal.aborted) {
            if ((await failureOf(url)) !== undefined) failed++;
            sent++;
            await setTimeout(intervalMilliseconds);
        }
    });
    return {
        stop: async () => {
            stopping.abort();
            await Promise.all(loops);
            return { sent, failed };
        },
    };
}
