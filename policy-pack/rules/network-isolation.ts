import { DIRECTIONS, isolates, policiesOf } from "../model/network.ts";
import { relationFinding, stackRule } from "../model/rule.ts";

export const networkIsolation = stackRule(
    {
        name: "network-isolation",
        title: "Each pod has network policies in both directions",
        severity: "high",
        why: "A pod without one talks to, and is reached by, everything in the cluster.",
        fix: "Add a NetworkPolicy that selects the pod, with the policy types Ingress and Egress.",
        link: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
        levels: ["advisory", "mandatory", "mandatory"],
    },
    function* (world) {
        const policies = policiesOf(world);
        for (const workload of world.workloads()) {
            // A pod in the node's network is none that policies could see.
            if (policies.vague || workload.pod.spec.at("hostNetwork").boolean() === true) continue;
            for (const direction of DIRECTIONS)
                if (policies.of(workload).every((policy) => isolates(policy, direction) === false))
                    yield relationFinding(
                        workload,
                        workload.pod.metadata.at("labels"),
                        `no network policy restricts the ${direction.rules} of its pods`,
                    );
        }
    },
);
