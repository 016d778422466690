import { DIRECTIONS, isolates, policiesOf, rulesOf } from "../model/network.ts";
import { relationFinding, stackRule } from "../model/rule.ts";
import { labelSelector, NAMESPACE_NAME } from "../model/selectors.ts";
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
                if (!rules.some((rule) => allowsDns(rule, protocol, workload.namespace)))
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

/** Whether a rule lets name servers be asked: by their port, or by all ports of where they are. */
function allowsDns(rule: View, protocol: string, namespace: string): boolean {
    const [peers, ports] = [rule.at("to"), rule.at("ports")];
    if (peers.unknown || ports.unknown) return true;
    const names = ports.items().length > 0;
    if (names && !ports.items().some((port) => isDnsPort(port, protocol))) return false;
    return peers.items().length === 0 || peers.items().some((peer) => mayBeDns(peer, names, namespace));
}

/** Where name servers are, on most clusters and on OpenShift. */
const DNS_NAMESPACE = /^kube-system$|dns/;

/**
 * Whether name servers may be among a peer. One with the port of DNS in another namespace is meant to be one.
 * @param isNamed whether the rule names the port
 * @param namespace of the policy
 */
function mayBeDns(peer: View, isNamed: boolean, namespace: string): boolean {
    if (!peer.at("ipBlock").missing) return true;
    const selector = labelSelector(peer.at("namespaceSelector"));
    if (selector === undefined) return DNS_NAMESPACE.test(namespace);
    if (isNamed || selector === UNKNOWN) return true;
    return selector.requirements.every(
        ({ key, operator, values }) =>
            key !== NAMESPACE_NAME || operator !== "In" || [...values].some((name) => DNS_NAMESPACE.test(name)),
    );
}

/** Ports of CoreDNS by number and by name, as its own manifests, its chart, kube-dns and OpenShift (5353) have them. */
const DNS_NUMBERS = [53, 5353];
const DNS_NAMES: readonly unknown[] = ["dns", "dns-tcp", "udp-53", "tcp-53", "dns-local", "dns-tcp-local"];

function isDnsPort(port: View, protocol: string): boolean {
    const first = port.at("port").scalar();
    const end = port.at("endPort").number();
    const through = port.at("protocol").string() ?? "TCP";
    if (through !== UNKNOWN && through !== protocol) return false;
    if (first === UNKNOWN || end === UNKNOWN || first === undefined) return true;
    if (typeof first === "string") return DNS_NAMES.includes(first);
    return DNS_NUMBERS.some((number) => first <= number && number <= (end ?? first));
}
