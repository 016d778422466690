import { groupOf, namespaceOf } from "../model/object.ts";
import { relationFinding, stackRule } from "../model/rule.ts";
import { isScaled } from "../model/scale.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const autoscalerTarget = stackRule(
    {
        name: "autoscaler-target",
        title: "An autoscaler scales a workload of the stack, and no other autoscaler does",
        severity: "medium",
        why: "An autoscaler without a target does nothing, and nobody notices before the load comes.",
        fix: "Name a workload of the stack in scaleTargetRef, with its kind and API version.",
        link: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/",
        levels: ["advisory", "mandatory", "mandatory"],
    },
    function* (world) {
        const taken = new Set<string>();
        for (const autoscaler of world.all("HorizontalPodAutoscaler")) {
            const ref = autoscaler.view.at("spec", "scaleTargetRef");
            const kind = ref.at("kind").string();
            const name = ref.at("name").string();
            if (kind === UNKNOWN || name === UNKNOWN) continue;
            if (kind !== undefined && !isScaled(kind)) continue;
            const namespace = namespaceOf(autoscaler.object);
            const target = world.find(kind ?? "", namespace, name ?? "");
            if (target === undefined) {
                yield relationFinding(autoscaler, ref, "the stack has no such workload");
                continue;
            }
            const apiVersion = ref.at("apiVersion");
            const version = apiVersion.string();
            if (version !== UNKNOWN && groupOf(version ?? "") !== groupOf(target.object.apiVersion))
                yield relationFinding(autoscaler, apiVersion, "this is not the API version of the workload");
            const key = `${namespace}/${kind}/${name}`;
            if (taken.has(key)) yield relationFinding(autoscaler, ref, "another autoscaler scales the same workload");
            taken.add(key);
        }
    },
);
