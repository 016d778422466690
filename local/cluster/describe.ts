/** A cluster's status in words. */
import { styleText } from "node:util";
import type { ClusterStatus } from "./index.ts";

/** Several lines; coloured when `stream` is a terminal. */
export function describe(status: ClusterStatus, stream: NodeJS.WriteStream): string {
    const { settings } = status;
    const good = status.phase === "ready";
    const phase = styleText(good ? "green" : "yellow", status.phase, { stream });
    const lines: [string, string][] = [["cluster", `${status.name} (${phase})`]];
    if (settings) {
        lines.push(["server", status.server ?? ""], ["context", status.context ?? ""]);
        lines.push(["kubeconfig", status.kubeconfig ?? ""], ["logs", status.logs ?? ""]);
        if (settings.simulated) lines.push(["node", "simulated: objects behave as if containers ran, but none does"]);
        else
            lines.push([
                "ranges",
                `pods ${settings.podCidr}, Services ${settings.serviceCidr}, both reachable from here`,
            ]);
    }
    if (status.supervisor !== undefined) lines.push(["supervisor", `pid ${status.supervisor}`]);
    if (status.node !== undefined) {
        lines.push(["node", `pid ${status.node}; to enter: nsenter --target ${status.node} --net --mount --pid`]);
    }
    for (const { name, pid, restarts } of status.components) {
        const again = restarts === 0 ? "" : `, started again ${restarts} ${restarts === 1 ? "time" : "times"}`;
        lines.push([name, `${pid === undefined ? "down" : `pid ${pid}`}${again}`]);
    }
    if (settings && !settings.simulated) {
        lines.push([
            "limits",
            "NetworkPolicies are accepted but not enforced; no load balancer; an ingress controller with `make up HTTPS=1`",
        ]);
    }
    const width = Math.max(...lines.map(([name]) => name.length));
    return lines.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join("");
}
