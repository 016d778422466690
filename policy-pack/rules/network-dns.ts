import { DIRECTIONS, isolates, policiesOf, rulesOf } from "../model/network.ts";
import { relationFinding, stackRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";
import type { View } from "../model/view.ts";

const EGRESS = DIRECTIONS[1];

export const networkDns = stackRule(
    {
        name: "network-dns",
        title: "Pods that may call others may ask for their names",
        severity: "medium",
        why: "Every connection fails with a name that cannot be found; without TCP, only long answers do.",
        fix: "Allow egress to kube-dns on port 53, UDP and TCP.",
        link: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
        levels: ["disabled", "advisory", "mandatory"],
    },
    function* (world) {
        const policies = policiesOf(world);
        for (const workload of world.workloads()) {
            const mine = policies.of(workload).filter((policy) => isolates(policy, EGRESS) === true);
            const rules = mine.flatMap((policy) => rulesOf(policy, EGRESS));
            if (policies.vague || !rules.some((rule) => callsPods(rule))) continue;
            for (const protocol of ["UDP", "TCP"])
                if (!rules.some((rule) => mayReachDns(rule) && allowsDns(rule, protocol)))
                    yield relationFinding(
                        workload,
                        workload.pod.metadata.at("labels"),
                        `its network policies allow calls to other pods, but no DNS over ${protocol}`,
                    );
        }
    },
);

function callsPods(rule: View): boolean {
    return rule
        .at("to")
        .items()
        .some((peer) => peer.at("ipBlock").missing);
}

/** Pods of the same namespace alone are no name server. */
function mayReachDns(rule: View): boolean {
    const peers = rule.at("to");
    if (peers.unknown || peers.items().length === 0) return true;
    return peers.items().some((peer) => !peer.at("namespaceSelector").missing || !peer.at("ipBlock").missing);
}

/** Ports of CoreDNS by number and by name; OpenShift's listens on 5353. */
const DNS_PORTS: readonly unknown[] = [53, 5353, "dns", "dns-tcp"];

function allowsDns(rule: View, protocol: string): boolean {
    const ports = rule.at("ports");
    if (ports.unknown || ports.items().length === 0) return true;
    return ports.items().some((port) => {
        const [number, end] = [port.at("port").scalar(), port.at("endPort").number()];
        const through = port.at("protocol").string() ?? "TCP";
        if (through !== UNKNOWN && through !== protocol) return false;
        if (number === UNKNOWN || number === undefined || DNS_PORTS.includes(number)) return true;
        return typeof number === "number" && typeof end === "number" && number <= 53 && end >= 53;
    });
}
