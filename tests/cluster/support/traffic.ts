/** What the tests through a proxy have in common, whether Ingresses or routes lead there. */
import https from "node:https";
import { type Certificate, renew as startRenewal } from "../../../scripts/drills/expire-certificate.ts";
import { project } from "../../../scripts/platform/target.ts";
import { httpsConfig } from "../../../scripts/platform/https.ts";
import type { Change } from "../../support/configuration.ts";
import { eventually, get, kubectl } from "./commands.ts";
import { ask, type Way } from "./https.ts";
import { Load, type LoadResult } from "./load.ts";
import { namespace } from "./tradestream.ts";

export const [api, ...pages] = ["api.tradestream.test", "tradestream.test", "www.tradestream.test"] as const;
export const hosts = [api, ...pages];

/** For how long a browser is to use HTTPS alone. */
export const hsts = "max-age=31536000";

/** The stack `local` with production's hosts, and HTTPS alone for browsers on one of them; the autoscaler keeps out. */
export function exposed(exposure: "ingress" | "gateway" | "both"): Change {
    const own = ["urls", "cors", "ingress"];
    const entries = Object.entries(httpsConfig(exposure)).flatMap(([name, value]) => {
        const key = name.slice(project.length + 1);
        const parts = Object.entries(value as object).filter(([part]) => own.includes(part));
        return parts.length > 0 ? parts.map(([part, of]) => [`${key}.${part}`, of] as const) : [[key, value] as const];
    });
    return {
        ...Object.fromEntries(entries),
        "gatewayApi.ingress.hstsSeconds": 31_536_000,
        "gatewayApi.autoscaling.targetCPUUtilization": 400,
    };
}

/** Takes HTTPS away, with the certificates of its authority: the next one has another key under the same name. */
export async function removeHttps(): Promise<void> {
    await kubectl("delete", "secrets", "-n", namespace, "-l", "controller.cert-manager.io/fao=true");
    await kubectl("delete", "namespaces", "ingress-nginx", "cert-manager");
}

/** Waits until every host has an answer from behind the proxy, with a certificate of the authority. */
export async function answered(way: Way): Promise<void> {
    for (const host of hosts)
        await eventually(60, async () => {
            const { status } = await ask(`https://${host}/${host === api ? "health" : ""}`, way);
            return status === 200 ? true : undefined;
        });
}

/** Keeps all hosts busy on new and kept-alive connections while `action` runs. */
export async function underLoad(way: Way, action: (requests: () => number) => Promise<void>): Promise<LoadResult> {
    const paths = { freshPath: "/", keptPath: "/", workers: 1, way };
    const loads = await Promise.all([
        Load.start({ url: `https://${api}`, ...paths, freshPath: "/health", keptPath: "/api/status", workers: 2 }),
        ...pages.map((host) => Load.start({ url: `https://${host}`, ...paths })),
    ]);
    const failed = await action(() => sum(loads)).then(
        () => undefined,
        (error: unknown) => error,
    );
    const results = await Promise.all(loads.map((load) => load.stop()));
    if (failed !== undefined) throw failed as Error;
    return {
        requests: sum(results),
        failures: results.flatMap(({ failures }) => failures),
        latencies: results.flatMap(({ latencies }) => latencies).sort((a, b) => a - b),
    };
}

function sum(loads: readonly { readonly requests: number }[]): number {
    return loads.reduce((total, { requests }) => total + requests, 0);
}

/** Milliseconds between the moments in which server-sent events arrive. */
export function eventGaps(way: Way, seconds: number): Promise<readonly number[]> {
    return new Promise((resolve, reject) => {
        const signal = AbortSignal.timeout(seconds * 1000);
        const arrivals: number[] = [];
        const end = (error?: Error): void => {
            if (error !== undefined && !signal.aborted) reject(error);
            else resolve(arrivals.slice(1).map((at, index) => at - arrivals[index]!));
        };
        https
            .get(`https://${api}/api/signals/stream`, { ...way, agent: false, signal }, (response) => {
                response.setEncoding("utf8").on("data", (text: string) => {
                    if (/^id: /m.test(text)) arrivals.push(performance.now());
                });
                response.on("error", end).on("end", () => end(new Error("the stream has ended")));
            })
            .on("error", end);
    });
}

/** Renews a certificate, and waits until it is served. */
export async function renew(certificate: string, way: Way): Promise<void> {
    const serial = async (): Promise<string | undefined> => (await ask(`https://${api}/health`, way)).serial;
    const before = await serial();
    await reissue(certificate);
    await eventually(60, async () => ((await serial()) === before ? undefined : true));
}

/** Has cert-manager issue a certificate anew. */
export async function reissue(certificate: string): Promise<void> {
    const [object] = await get("certificate", certificate, "-n", namespace);
    await startRenewal((args) => kubectl(...args), namespace, object as unknown as Certificate);
}
