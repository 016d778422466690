/** Clients of the ingress controller: its address, the hosts that nothing resolves, and the authority that they trust. */
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";
import { Readable } from "node:stream";
import type { TLSSocket } from "node:tls";
import { authorityFile } from "../../../local/https/index.ts";
import { get } from "./commands.ts";
import { pause } from "./load.ts";
import { cluster } from "./cluster-name.ts";

/** Options of a request that goes to the ingress controller whatever its host is. */
export interface Way {
    readonly lookup: LookupFunction;
    /** Who is trusted. Default: whom Node.js trusts. */
    readonly ca?: Buffer;
}

const chunk = 64 * 1024;

export interface Answer {
    readonly status: number;
    readonly headers: http.IncomingHttpHeaders;
    readonly body: string;
    /** Of the certificate; undefined without TLS. */
    readonly serial: string | undefined;
}

/** The ClusterIP of the ingress controller. */
export async function controllerAddress(): Promise<string> {
    const [service] = await get("service", "traefik", "-n", "ingress-nginx");
    return (service!.spec as { clusterIP: string }).clusterIP;
}

/** The way to the ingress controller, whose certificates have to be the local authority's. */
export async function wayIn(): Promise<Way> {
    const clusterIP = await controllerAddress();
    const lookup: LookupFunction = (_host, { all }, found) =>
        all === true ? found(null, [{ address: clusterIP, family: 4 }]) : found(null, clusterIP, 4);
    return { ca: readFileSync(authorityFile(cluster)), lookup };
}

/**
 * One request on a connection of its own; a body of so many bytes is sent until there is an answer.
 * Rejects when the certificate is not one of the authority for that host.
 */
export function ask(url: string, way: Way, bytes?: number): Promise<Answer> {
    const { request } = url.startsWith("https:") ? https : http;
    const method = bytes === undefined ? "GET" : "POST";
    const headers = bytes === undefined ? {} : { "content-length": bytes };
    const body = Readable.from(spaces(bytes ?? 0));
    return new Promise((resolve, reject) => {
        const call = request(url, { ...way, agent: false, method, headers, timeout: 20_000 }, (response) => {
            body.unpipe();
            const socket = response.socket as Partial<TLSSocket>;
            const serial = socket.getPeerCertificate?.().serialNumber;
            const texts: string[] = [];
            response.setEncoding("utf8").on("data", (text: string) => texts.push(text));
            response.on("error", reject);
            response.on("end", () => {
                resolve({ status: response.statusCode ?? 0, headers: response.headers, body: texts.join(""), serial });
                call.destroy();
            });
        });
        call.on("timeout", () => call.destroy(new Error("no answer within 20 s")));
        call.on("error", reject);
        body.pipe(call);
    });
}

/** With pauses, in which an early answer is read: the connection may be closed right after it. */
async function* spaces(bytes: number): AsyncGenerator<Buffer> {
    for (let left = bytes; left > 0; left -= chunk) {
        yield Buffer.alloc(Math.min(left, chunk), " ");
        await pause(1);
    }
}
