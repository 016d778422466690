/** For programs that give up at once when the API server goes away for a moment: has them go on when it is back. */
import { EngineError } from "../errors.ts";
import { pause } from "../kube/client.ts";
import type { KubeClient } from "../kube/client.ts";

/** How often something is begun again. A server that comes and goes more often than that is no server. */
const attempts = 5;
/** How long a server that was away gets to know everybody's rights again. Milliseconds. */
const wakingTime = 2_000;

/** What Go's network code, and an API server that starts or has lost its database, say. */
const signs =
    /\b(dial|read|write) tcp\b|: (unexpected )?EOF\b|http2: (client connection lost|server sent GOAWAY)|TLS handshake timeout|currently unable to handle the request|apiserver not ready|etcdserver: /;

/** Whether these words of a program tell of an API server that was not there, rather than of one that has refused. */
export function tellsOfOutage(words: string): boolean {
    return signs.test(words);
}

/**
 * Does `work`, again from its beginning when it fails because the API server went away, after that has come back; the
 * client waits for it as for any request of its own. `work` must go on where an earlier attempt was cut off.
 * Throws what `work` throws when that is something else, or the fifth time.
 */
export async function throughOutages<T>(
    client: KubeClient,
    work: () => Promise<T>,
    options: { readonly signal: AbortSignal; readonly progress: (text: string) => void },
): Promise<T> {
    for (let attempt = 1; ; attempt++) {
        try {
            return await work();
        } catch (error) {
            const isOutage = error instanceof EngineError && tellsOfOutage(error.message);
            if (!isOutage || attempt === attempts) throw error;
            options.progress("the API server went away; waits for it to come back");
            await client.request("GET", "/version", { signal: options.signal });
            await pause(wakingTime, options.signal);
            options.progress("the API server is back; goes on");
        }
    }
}
