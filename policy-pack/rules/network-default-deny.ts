import { DIRECTIONS, isolates, rulesOf, type Direction } from "../model/network.ts";
import { namespaceOf } from "../model/object.ts";
import { relationFinding, stackRule } from "../model/rule.ts";
import type { Subject } from "../model/subject.ts";
import { labelSelector, selectsAll } from "../model/selectors.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const networkDefaultDeny = stackRule(
    {
        name: "network-default-deny",
        title: "Each namespace with pods denies by default",
        severity: "medium",
        why: "A pod that no policy thought of is open to everything.",
        fix: "Add a NetworkPolicy with an empty podSelector, both policy types and no rules.",
        link: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies",
        levels: ["advisory", "mandatory", "mandatory"],
    },
    function* (world) {
        const policies = world.all("NetworkPolicy");
        const seen = new Set<string>();
        for (const workload of world.workloads()) {
            const { namespace } = workload;
            if (seen.has(namespace) || workload.pod.spec.at("hostNetwork").boolean() === true) continue;
            seen.add(namespace);
            const near = policies.filter((policy) => namespaceOf(policy.object) === namespace);
            const holder = world.all("Namespace").find(({ object }) => object.name === namespace) ?? workload;
            for (const direction of DIRECTIONS)
                if (!near.some((policy) => deniesAll(policy, direction)))
                    yield relationFinding(
                        holder,
                        holder === workload ? "metadata.namespace" : "metadata.name",
                        `no policy of this namespace denies ${direction.rules} by default`,
                    );
        }
    },
);

/** Whether a policy denies a direction to all pods of its namespace; also when that hangs on unknown values. */
function deniesAll(policy: Subject, direction: Direction): boolean {
    const selector = labelSelector(policy.view.at("spec", "podSelector"));
    const all = selector === UNKNOWN || selector === undefined || selectsAll(selector);
    return all && isolates(policy, direction) !== false && rulesOf(policy, direction).length === 0;
}
