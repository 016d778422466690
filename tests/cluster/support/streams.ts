/** Clients of an event stream, as a browser's EventSource is one: they reconnect and go on where they were. */
import http from "node:http";
import https from "node:https";
import type { Way } from "./https.ts";
import { pause } from "./load.ts";

export interface StreamsResult {
    /** Streams that were opened, reconnections included. */
    readonly opened: number;
    /** Streams that the server ended with a last event. */
    readonly farewells: number;
    readonly events: number;
    /** Streams that broke, connections refused, event numbers missing. */
    readonly failures: readonly string[];
}

/** EventSource waits this long, or what the server says, before it reconnects. Milliseconds. */
const reconnectAfter = 250;

/** Clients that stay connected until they are stopped. */
export class Streams {
    readonly #url: string;
    readonly #way: Way | undefined;
    readonly #clients: Promise<void>[];
    readonly #failures: string[] = [];
    readonly #stop = new AbortController();
    #opened = 0;
    #farewells = 0;
    #events = 0;

    /** @param way How connections are made. Default: to the address in `url`. */
    constructor(url: string, clients: number, way?: Way) {
        this.#url = url;
        this.#way = way;
        this.#clients = Array.from({ length: clients }, () => this.#stayConnected());
    }

    /** Ends all of them. */
    async stop(): Promise<StreamsResult> {
        this.#stop.abort();
        await Promise.all(this.#clients);
        return {
            opened: this.#opened,
            farewells: this.#farewells,
            events: this.#events,
            failures: this.#failures,
        };
    }

    async #stayConnected(): Promise<void> {
        let last = 0;
        while (!this.#stop.signal.aborted) {
            try {
                last = await this.#readToEnd(last);
            } catch (error) {
                if (!this.#stop.signal.aborted) this.#failures.push((error as Error).message);
            }
            await pause(reconnectAfter);
        }
    }

    /** Reads one stream to its end; resolves with the number of its last event. */
    #readToEnd(last: number): Promise<number> {
        return new Promise((resolve, reject) => {
            const headers = last > 0 ? { "last-event-id": String(last) } : {};
            const { get } = this.#url.startsWith("https:") ? https : http;
            const options = { ...this.#way, agent: false, headers, signal: this.#stop.signal } as const;
            const call = get(this.#url, options, (response) => {
                if (response.statusCode !== 200) {
                    response.resume();
                    reject(new Error(`stream: status ${response.statusCode}`));
                    return;
                }
                this.#opened++;
                let [rest, said, next] = ["", false, last];
                response.setEncoding("utf8").on("data", (text: string) => {
                    const blocks = (rest + text).split("\n\n");
                    rest = blocks.pop()!;
                    for (const block of blocks) {
                        said ||= /^event: bye$/m.test(block);
                        const id = Number(/^id: (\d+)$/m.exec(block)?.[1] ?? Number.NaN);
                        if (Number.isNaN(id)) continue;
                        this.#events++;
                        if (id !== next + 1) this.#failures.push(`stream: event ${id} came after event ${next}`);
                        next = id;
                    }
                });
                response.on("error", (error) => reject(new Error(`stream broke: ${error.message}`)));
                response.on("end", () => {
                    if (said) this.#farewells++;
                    else this.#failures.push("stream: ended without a farewell");
                    resolve(next);
                });
            });
            call.on("error", (error) => reject(new Error(`stream: ${error.message}`)));
        });
    }
}
