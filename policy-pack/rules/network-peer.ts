import { DIRECTIONS } from "../model/network.ts";
import { namespaceOf } from "../model/object.ts";
import { isMadeAtRunTime } from "../model/pod-makers.ts";
import { relationFinding, stackRule } from "../model/rule.ts";
import { labelSelector } from "../model/selectors.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const networkPeer = stackRule(
    {
        name: "network-peer",
        title: "Peers of network policies are pods of the stack",
        severity: "medium",
        why: "A peer that fits no pod is a connection that somebody needs and that is refused.",
        fix: "Use the labels of the peer's pods, or add a namespaceSelector for pods of another namespace.",
        link: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
        levels: ["disabled", "advisory", "mandatory"],
    },
    function* (world) {
        for (const policy of world.all("NetworkPolicy"))
            for (const direction of DIRECTIONS)
                for (const rule of policy.view.at("spec", direction.rules).items())
                    for (const peer of rule.at(direction.peers).items()) {
                        const place = peer.at("podSelector");
                        const selector = labelSelector(place);
                        const elsewhere = !peer.at("namespaceSelector").missing;
                        if (selector === UNKNOWN || selector === undefined || elsewhere) continue;
                        const namespace = namespaceOf(policy.object);
                        const { sure, perhaps } = world.select(namespace, selector);
                        if (sure.length + perhaps.length > 0) continue;
                        if (!isMadeAtRunTime(world, namespace, selector))
                            yield relationFinding(policy, place, "this peer is no pod of the stack");
                    }
    },
);
