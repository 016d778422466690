import { namespaceOf } from "../model/object.ts";
import { relationFinding, stackRule } from "../model/rule.ts";
import { SCALED_KINDS } from "../model/scale.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const autoscalerTarget = stackRule(
    {
        name: "autoscaler-target",
        title: "An autoscaler scales a workload of the stack",
        severity: "medium",
        why: "An autoscaler without a target does nothing, and nobody notices before the load comes.",
        fix: "Name a workload of the stack in scaleTargetRef, with its kind and API version.",
        link: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/",
        levels: ["advisory", "mandatory", "mandatory"],
    },
    function* (world) {
        for (const autoscaler of world.all("HorizontalPodAutoscaler")) {
            const ref = autoscaler.view.at("spec", "scaleTargetRef");
            const kind = ref.at("kind").string();
            const name = ref.at("name").string();
            if (kind === UNKNOWN || name === UNKNOWN) continue;
            if (kind !== undefined && !(SCALED_KINDS as readonly string[]).includes(kind)) continue;
            if (world.find(kind ?? "", namespaceOf(autoscaler.object), name ?? "") === undefined)
                yield relationFinding(autoscaler, ref, "the stack has no such workload");
        }
    },
);
