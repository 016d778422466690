/** A small client of the Kubernetes API: any object of any kind, server-side apply, watches. */
import type http from "node:http";
import https from "node:https";
import { EngineError, InterruptedError, messageOf } from "../errors.ts";
import { isObject, textOf } from "../values.ts";
import type { ClusterAccess } from "./config.ts";

// An import would load all that the module can give, its WebSocket client too, which takes longer than a request.
const { Agent, request: sendPlain } = process.getBuiltinModule("node:http");

/** How long a request may take before it counts as lost. Milliseconds. */
const requestTimeout = 60_000;
/** How many requests may be under way at once, and how many watches. */
const [maxRequests, maxWatches] = [24, 200];
/** How long the first connection may take. Milliseconds. */
const connectTimeout = 8_000;
/** How long a watch may be silent before its connection counts as lost: the server ends each after 60 s. Milliseconds. */
const watchSilence = 75_000;
/** How long an API server that has answered before may be away. Milliseconds. */
const outageTolerance = 90_000;
/** How long an API server that was away may refuse what it allows. Milliseconds. */
const wakingTime = 15_000;

/** An answer of the API server that is not a success. */
export class KubeError extends Error {
    override name = "KubeError";
    readonly status: number;
    readonly reason: string;
    /** The fields it complains about. */
    readonly causes: readonly { readonly field: string; readonly reason: string; readonly message: string }[];

    constructor(status: number, body: unknown) {
        const details = isObject(body) ? body : {};
        super(
            typeof details["message"] === "string"
                ? details["message"]
                : `the API server answered with status ${status}`,
        );
        this.status = status;
        this.reason = typeof details["reason"] === "string" ? details["reason"] : "";
        const causes =
            isObject(details["details"]) && Array.isArray(details["details"]["causes"])
                ? details["details"]["causes"]
                : [];
        this.causes = causes.filter(isObject).map((cause) => ({
            field: textOf(cause["field"] ?? ""),
            reason: textOf(cause["reason"] ?? ""),
            message: textOf(cause["message"] ?? ""),
        }));
    }
}

/** The cluster did not answer at all. */
export class UnreachableError extends EngineError {
    override name = "UnreachableError";
}

export interface RequestOptions {
    readonly query?: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly contentType?: string;
    readonly accept?: string;
    readonly signal?: AbortSignal | undefined;
}

/** What was asked of the API server during a run. */
export interface RequestCounts {
    reads: number;
    writes: number;
    watches: number;
}

export class KubeClient {
    readonly access: ClusterAccess;
    readonly counts: RequestCounts;
    readonly #agent: http.Agent;
    readonly #silence: number;
    /** Watches last long: they must not keep requests waiting. */
    readonly #watchAgent: http.Agent;
    #answered = false;
    /** When a connection last failed; milliseconds since 1970. */
    #lastOutage = 0;

    /** `silence` is how many milliseconds a watch may say nothing. */
    constructor(access: ClusterAccess, counts: RequestCounts, silence = watchSilence) {
        this.access = access;
        this.counts = counts;
        this.#silence = silence;
        const agent = (maxSockets: number): http.Agent => {
            const options = { keepAlive: true, maxSockets, ...access.tls };
            return access.server.protocol === "https:" ? new https.Agent(options) : new Agent(options);
        };
        this.#agent = agent(maxRequests);
        this.#watchAgent = agent(maxWatches);
    }

    /** Closes idle connections. */
    close(): void {
        this.#agent.destroy();
        this.#watchAgent.destroy();
    }

    /**
     * One request; resolves with the parsed answer. Throws {@link KubeError} for a refusal, {@link UnreachableError} when
     * nobody answers. Once the server has answered, an outage of up to 90 s is waited out: every request that the engine
     * makes may be repeated.
     */
    async request(method: string, path: string, options: RequestOptions = {}): Promise<unknown> {
        if (method === "GET") this.counts.reads++;
        else if (options.query?.["dryRun"] === undefined) this.counts.writes++;
        const start = Date.now();
        for (let attempt = 0; ; attempt++) {
            try {
                const { status, text } = await this.#once(method, path, options);
                this.#answered = true;
                if (status < 300) return parse(text);
                // one that has just come back does not know anybody's rights yet
                const isWaking = (status === 401 || status === 403) && Date.now() - this.#lastOutage < wakingTime;
                const mayPass = isTransient(status) || isWaking;
                if (!mayPass || Date.now() - start > outageTolerance) throw new KubeError(status, parse(text));
            } catch (error) {
                if (error instanceof KubeError || error instanceof InterruptedError || error instanceof EngineError)
                    throw error;
                this.#lastOutage = Date.now();
                if (!this.#answered || Date.now() - start > outageTolerance) {
                    throw new UnreachableError(
                        `cluster "${this.access.contextName}" at ${this.access.server.origin} is unreachable: ${reasonOf(error)}`,
                    );
                }
            }
            await pause(Math.min(200 * 2 ** attempt, 3000), options.signal);
        }
    }

    /** Opens a watch. Each event goes to `onEvent`; resolves when the server ends the stream or the signal is aborted. */
    async watch(
        path: string,
        query: Readonly<Record<string, string>>,
        onEvent: (type: string, object: Record<string, unknown>) => void,
        signal: AbortSignal,
    ): Promise<void> {
        this.counts.watches++;
        const response = await this.#send("GET", path, { query: { ...query, watch: "1" }, signal });
        if ((response.statusCode ?? 500) >= 300)
            throw new KubeError(response.statusCode ?? 500, parse(await bodyOf(response)));
        const stop = (): void => void response.destroy();
        signal.addEventListener("abort", stop, { once: true });
        try {
            let rest = "";
            response.setEncoding("utf8");
            for await (const chunk of response as AsyncIterable<string>) {
                const lines = (rest + chunk).split("\n");
                rest = lines.pop() ?? "";
                for (const line of lines) {
                    const event = parse(line);
                    if (isObject(event) && isObject(event["object"])) onEvent(String(event["type"]), event["object"]);
                }
            }
        } catch (error) {
            if (!signal.aborted) throw error;
        } finally {
            signal.removeEventListener("abort", stop);
        }
    }

    async #once(method: string, path: string, options: RequestOptions): Promise<{ status: number; text: string }> {
        const response = await this.#send(method, path, options);
        return { status: response.statusCode ?? 500, text: await bodyOf(response) };
    }

    async #send(method: string, path: string, options: RequestOptions): Promise<http.IncomingMessage> {
        if (options.signal?.aborted === true) throw new InterruptedError();
        const { server } = this.access;
        const search = options.query === undefined ? "" : `?${new URLSearchParams(options.query).toString()}`;
        const body = options.body === undefined ? undefined : JSON.stringify(options.body);
        const headers = {
            accept: options.accept ?? "application/json",
            "user-agent": "tradestream-engine",
            ...(body !== undefined && {
                "content-type": options.contentType ?? "application/json",
                "content-length": String(Buffer.byteLength(body)),
            }),
            ...(await this.access.headers()),
        };
        const prefix = server.pathname.replace(/\/$/, "");
        const watching = options.query?.["watch"] !== undefined;
        const send = server.protocol === "https:" ? https.request : sendPlain;
        return new Promise((resolve, reject) => {
            const request = send(
                {
                    host: server.hostname.replace(/^\[|\]$/g, ""),
                    port: server.port,
                    method,
                    path: prefix + path + search,
                    headers,
                    agent: watching ? this.#watchAgent : this.#agent,
                    // As an option it holds for connecting, too; setTimeout() begins when that is done.
                    timeout: watching ? this.#silence : this.#answered ? requestTimeout : connectTimeout,
                },
                resolve,
            );
            const abort = (): void => void request.destroy(new InterruptedError());
            request.on("timeout", () => {
                request.destroy(Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" }));
            });
            options.signal?.addEventListener("abort", abort, { once: true });
            request.on("close", () => options.signal?.removeEventListener("abort", abort));
            request.on("error", reject);
            request.end(body);
        });
    }
}

/** Waits; throws {@link InterruptedError} when the signal is aborted before. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) throw new InterruptedError();
    await new Promise<void>((resolve, reject) => {
        const stop = (): void => {
            clearTimeout(timer);
            reject(new InterruptedError());
        };
        const timer = setTimeout(() => {
            signal?.removeEventListener("abort", stop);
            resolve();
        }, milliseconds);
        signal?.addEventListener("abort", stop, { once: true });
    });
}

async function bodyOf(response: http.IncomingMessage): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string): unknown {
    try {
        return JSON.parse(text) as unknown;
    } catch {
        return { message: text.trim().slice(0, 500) };
    }
}

function isTransient(status: number): boolean {
    return status === 429 || status === 502 || status === 503 || status === 504;
}

function reasonOf(error: unknown): string {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ECONNREFUSED") return "connection refused";
    if (code === "ENOTFOUND") return "its name cannot be resolved";
    return messageOf(error) || code || "no answer";
}
