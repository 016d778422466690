import { relationFinding, stackRule } from "../model/rule.ts";
import { labelSelector } from "../model/selectors.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const selectorOverlap = stackRule(
    {
        name: "selector-overlap",
        title: "No two workloads select the same pods",
        severity: "high",
        why: "Budgets, autoscalers and kubectl count the other's pods too, and controllers fight over them.",
        fix: "Add a label such as app.kubernetes.io/component that tells the two apart.",
        link: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector",
        levels: ["advisory", "mandatory", "mandatory"],
    },
    function* (world) {
        for (const workload of world.workloads(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"])) {
            const place = workload.view.at("spec", "selector");
            const selector = labelSelector(place);
            if (selector === UNKNOWN || selector === undefined || selector.requirements.length === 0) continue;
            for (const other of world.select(workload.namespace, selector).sure)
                if (other.object !== workload.object)
                    yield relationFinding(
                        workload,
                        place,
                        `it also selects the pods of ${other.object.kind} ${other.object.name}`,
                    );
        }
    },
);
