/** Steady load over HTTP on new and on kept-alive connections, which counts everything that a client would notice. */
import http from "node:http";
import https from "node:https";
import type { Way } from "./https.ts";

export interface LoadOptions {
    /** Address without path. */
    readonly url: string;
    /** Path that workers with a new connection for each request ask for. */
    readonly freshPath: string;
    /** Path that workers which keep their connection ask for. */
    readonly keptPath: string;
    /** Workers of each kind. Default: 3. */
    readonly workers?: number;
    /** How connections are made. Default: to the address in `url`. */
    readonly way?: Way;
    /** Pause of a worker between two requests, in milliseconds. Default: 100. */
    readonly pause?: number;
}

export interface LoadResult {
    readonly requests: number;
    /** What went wrong, one text each, with the second in which it did. */
    readonly failures: readonly string[];
    /** Milliseconds of the answered requests, ascending. */
    readonly latencies: readonly number[];
}

/** A client that waits longer than this for an answer has given up. Milliseconds. */
const patience = 10_000;

/** Load that runs until it is stopped. */
export class Load {
    readonly #options: LoadOptions;
    readonly #workers: Promise<void>[];
    readonly #failures: string[] = [];
    readonly #latencies: number[] = [];
    readonly #start = performance.now();
    #stopped = false;

    private constructor(options: LoadOptions) {
        this.#options = options;
        const each = Array.from({ length: options.workers ?? 3 });
        this.#workers = [
            ...each.map(() => this.#work(options.freshPath, false)),
            ...each.map(() => this.#work(options.keptPath, true)),
        ];
    }

    /** Waits for the first answer, because a proxy may learn of a Service late, and starts. */
    static async start(options: LoadOptions): Promise<Load> {
        const end = performance.now() + 6 * patience;
        for (;;) {
            try {
                await request(options.url + options.freshPath, options.way);
                return new Load(options);
            } catch (error) {
                if (performance.now() > end) throw error;
                await pause(250);
            }
        }
    }

    /** Requests so far. */
    get requests(): number {
        return this.#latencies.length + this.#failures.length;
    }

    /** Failures so far. */
    get failed(): number {
        return this.#failures.length;
    }

    /** Ends it when every open request has its answer. */
    async stop(): Promise<LoadResult> {
        this.#stopped = true;
        await Promise.all(this.#workers);
        return {
            requests: this.requests,
            failures: this.#failures,
            latencies: this.#latencies.sort((a, b) => a - b),
        };
    }

    async #work(path: string, keepAlive: boolean): Promise<void> {
        const { url, way } = this.#options;
        const { Agent } = url.startsWith("https:") ? https : http;
        // A session that is resumed would not look at the certificate again.
        const agent = new Agent({ keepAlive, maxSockets: 1, maxCachedSessions: 0 });
        while (!this.#stopped) {
            const start = performance.now();
            try {
                await request(url + path, way, agent);
                this.#latencies.push(performance.now() - start);
            } catch (error) {
                const second = ((performance.now() - this.#start) / 1000).toFixed(1);
                const connection = keepAlive ? "kept-alive" : "new connection";
                this.#failures.push(`${second} s, ${connection}, ${path}: ${(error as Error).message}`);
            }
            await pause(this.#options.pause ?? 100);
        }
        agent.destroy();
    }
}

/** The value below which this share of the sorted values lies. */
export function percentile(sorted: readonly number[], share: number): number {
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Waits. Milliseconds. */
export function pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Resolves when a whole answer with a status of 200 has come; nothing is tried twice. */
function request(url: string, way?: Way, agent: http.Agent | false = false): Promise<void> {
    return new Promise((resolve, reject) => {
        const { get } = url.startsWith("https:") ? https : http;
        const call = get(url, { ...way, agent, timeout: patience }, (response) => {
            let body = "";
            response.setEncoding("utf8").on("data", (text: string) => (body += text));
            response.on("error", reject);
            response.on("end", () => {
                if (response.statusCode === 200) resolve();
                // The text tells a service's own answer from that of a proxy before it.
                else reject(new Error(`status ${response.statusCode}: ${body.slice(0, 80)}`));
            });
        });
        call.on("timeout", () => call.destroy(new Error(`no answer within ${patience / 1000} s`)));
        call.on("error", reject);
    });
}
