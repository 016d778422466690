/** What runs, where to reach it, and what to try next. */
import { styleText } from "node:util";
import { authorityFile } from "../../local/https/index.ts";
import type { Report } from "../../local/report.ts";
import { kubectlFor, kubectlProgram } from "../kubectl.ts";
import { clusterName, namespace, type Target } from "./target.ts";

interface KubeList {
    readonly items: readonly KubeObject[];
}

interface KubeObject {
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
    readonly spec: {
        readonly clusterIP?: string;
        readonly ports?: readonly { readonly port: number }[];
        readonly replicas?: number;
        readonly schedule?: string;
        readonly suspend?: boolean;
        readonly rules?: readonly { readonly host?: string }[];
    };
    readonly status?: {
        readonly readyReplicas?: number;
        readonly lastSuccessfulTime?: string;
        readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] };
    };
}

/** Prints the summary on standard output. */
export async function printSummary(target: Target, report: Report): Promise<void> {
    const { env, context } = target;
    const program = await kubectlProgram(report);
    const kubectl = await kubectlFor(target, report);
    const kinds = "deployments,statefulsets,cronjobs,services,ingresses";
    const { items } = JSON.parse(await kubectl(["get", kinds, "-n", namespace, "-o", "json"])) as KubeList;
    const lines = [
        "",
        styleText("bold", "TradeStream", { stream: process.stdout }) + ` runs in namespace ${namespace}`,
        "",
        ...items.flatMap((item) => describe(item, items)).map((line) => `  ${line}`),
        "",
        "Try next:",
        ...(context === undefined
            ? hintsHere(items, program, env["KUBECONFIG"] ?? "")
            : hintsThere(program, quoted(context))),
        "  make render STACK=production # every object of production",
        "",
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
}

/** For the local cluster, whose Services this machine reaches by address. */
function hintsHere(items: readonly KubeObject[], kubectl: string, kubeconfig: string): string[] {
    const gateway = address(items, "tradestream-gateway-api");
    const dashboard = address(items, "tradestream-agent-dashboard");
    return [
        `  export KUBECONFIG=${kubeconfig}`,
        ...(gateway === undefined ? [] : [`  curl ${gateway}/api/status        # asks PostgreSQL and Redis`]),
        ...(gateway === undefined ? [] : [`  curl -N ${gateway}/api/signals/stream`]),
        ...(dashboard === undefined ? [] : [`  curl ${dashboard}/`]),
        ...items.filter(({ kind }) => kind === "Ingress").map((ingress) => `  ${overHttps(ingress)}`),
        `  ${kubectl} get pods -n ${namespace}`,
        "  make preview                 # what an update would change",
        "  make down                    # stop; make purge also deletes the data",
    ];
}

/** The hosts are names that nothing resolves: curl is told the address of the ingress controller. */
function overHttps({ metadata, spec, status }: KubeObject): string {
    const address = status?.loadBalancer?.ingress?.[0]?.ip ?? "ADDRESS";
    const authority = quoted(authorityFile(clusterName));
    const url = `https://${spec.rules?.[0]?.host ?? ""}/${metadata.name.endsWith("-gateway-api") ? "api/status" : ""}`;
    return `curl --cacert ${authority} --resolve '*:443:${address}' ${url}`;
}

/** For a cluster of one's own, somewhere. */
function hintsThere(kubectl: string, context: string): string[] {
    const there = `${kubectl} --context ${context} -n ${namespace}`;
    return [
        `  ${there} get pods`,
        `  ${there} port-forward service/tradestream-gateway-api 8000   # then: curl localhost:8000/api/status`,
        `  make preview CONTEXT=${context}   # what an update would change`,
        `  make down CONTEXT=${context}      # remove the stack there, data included`,
    ];
}

/** As a shell takes it. */
function quoted(text: string): string {
    return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function describe(item: KubeObject, items: readonly KubeObject[]): string[] {
    const name = item.metadata.name.padEnd(34);
    switch (item.kind) {
        case "Deployment":
        case "StatefulSet": {
            const { replicas = 1 } = item.spec;
            const pods = replicas === 0 ? "paused" : `${item.status?.readyReplicas ?? 0}/${replicas} pods ready`;
            return [`${name} ${pods.padEnd(16)} ${address(items, item.metadata.name) ?? ""}`.trimEnd()];
        }
        case "CronJob": {
            const last = item.status?.lastSuccessfulTime;
            const runs = last === undefined ? "first run to come" : `last success ${last}`;
            return [`${name} ${item.spec.schedule}        ${item.spec.suspend === true ? "suspended" : runs}`];
        }
        case "Ingress":
            return (item.spec.rules ?? []).map(({ host }) => `https://${host}`);
        default:
            return [];
    }
}

function address(items: readonly KubeObject[], service: string): string | undefined {
    const found = items.find(({ kind, metadata }) => kind === "Service" && metadata.name === service);
    const port = found?.spec.ports?.[0]?.port;
    const scheme = service.endsWith("postgresql") || service.includes("redis") ? "" : "http://";
    return found?.spec.clusterIP === undefined || port === undefined
        ? undefined
        : `${scheme}${found.spec.clusterIP}:${port}`;
}
