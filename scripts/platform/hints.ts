/** What to try next on a stack. */
import { authorityFile } from "../../local/https/index.ts";
import type { Report } from "../../local/report.ts";
import { kubectlProgram, type KubeTarget } from "../kubectl.ts";
import type { Host } from "../status/hosts.ts";
import type { Status } from "../status/index.ts";
import { clusterName, localStack } from "./target.ts";

/** Commands, one a line; `cluster` is the local one's name. */
export async function hintsFor(
    status: Status,
    { env, context }: KubeTarget,
    report: Report,
    cluster = clusterName,
): Promise<string[]> {
    const kubectl = await kubectlProgram(report);
    const there = `${kubectl}${context === undefined ? "" : ` --context ${quoted(context)}`} -n ${status.namespace}`;
    if (status.stack !== localStack)
        return [
            `npm run diagnose -- --stack ${status.stack}   # pods that are not ready: reasons, events, last log lines`,
            `${there} get pods,events`,
            "docs/operations.md                             # what to do when",
        ];
    return [
        ...(context === undefined
            ? hintsHere(status, there, env["KUBECONFIG"] ?? "", cluster)
            : hintsThere(there, quoted(context))),
        "make render STACK=production # every object of production",
    ];
}

/** For the local cluster, whose Services this machine reaches by address. */
function hintsHere({ workloads, hosts }: Status, there: string, kubeconfig: string, cluster: string): string[] {
    const url = (name: string): string | undefined => {
        const address = workloads.find((each) => each.name === name)?.address ?? null;
        return address === null ? undefined : `http://${address}`;
    };
    const gateway = url("tradestream-gateway-api");
    const dashboard = url("tradestream-agent-dashboard");
    return [
        `export KUBECONFIG=${kubeconfig}`,
        ...(gateway === undefined ? [] : [`curl ${gateway}/api/status        # asks PostgreSQL and Redis`]),
        ...(gateway === undefined ? [] : [`curl -N ${gateway}/api/signals/stream`]),
        ...(dashboard === undefined ? [] : [`curl ${dashboard}/`]),
        ...hosts.map((host) => overHttps(host, authorityFile(cluster))),
        `${there} get pods`,
        "make preview                 # what an update would change",
        "make down                    # stop; make purge also deletes the data",
    ];
}

/** The hosts are names that nothing resolves: curl is given the address of the ingress controller or the Gateway. */
function overHttps({ host, addresses: [address = "ADDRESS"] }: Host, authority: string): string {
    return `curl --cacert ${quoted(authority)} --resolve '*:443:${address}' https://${host}/${host.startsWith("api.") ? "api/status" : ""}`;
}

/** For a cluster of one's own, somewhere. */
function hintsThere(there: string, context: string): string[] {
    return [
        `${there} get pods`,
        `${there} port-forward service/tradestream-gateway-api 8000   # then: curl localhost:8000/api/status`,
        `make preview CONTEXT=${context}   # what an update would change`,
        `make down CONTEXT=${context}      # remove the stack there, data included`,
    ];
}

/** As a shell takes it. */
function quoted(text: string): string {
    return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
