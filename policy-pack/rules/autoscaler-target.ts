import { groupOf, namespaceOf } from "../model/object.ts";
import { relationFinding, stackRule } from "../model/rule.ts";
import { allAutoscalers, isKeda, isScaled, refOf } from "../model/scale.ts";
import type { Subject } from "../model/subject.ts";
import { UNKNOWN } from "../model/unknown.ts";
import { BUILT_IN } from "../model/versions.ts";

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
        const taken = new Map<string, Subject>();
        for (const autoscaler of allAutoscalers(world)) {
            const ref = autoscaler.view.at("spec", "scaleTargetRef");
            const { kind, name } = refOf(autoscaler);
            if (kind === UNKNOWN || name === UNKNOWN) continue;
            const apiVersion = ref.at("apiVersion");
            const version = apiVersion.string() ?? (isKeda(autoscaler) ? "apps/v1" : undefined);
            // Custom kinds may scale; of the built-in ones the others do not.
            if (kind !== undefined && !isScaled(kind) && (version === UNKNOWN || !BUILT_IN.has(groupOf(version ?? ""))))
                continue;
            const namespace = namespaceOf(autoscaler.object);
            const target = isScaled(kind ?? "") ? world.find(kind ?? "", namespace, name ?? "") : undefined;
            if (target === undefined) {
                yield relationFinding(autoscaler, ref, "the stack has no such workload");
                continue;
            }
            if (version !== UNKNOWN && groupOf(version ?? "") !== groupOf(target.object.apiVersion))
                yield relationFinding(autoscaler, apiVersion, "this is not the API version of the workload");
            const key = `${namespace}/${kind}/${name}`;
            const other = taken.get(key);
            if (other !== undefined && !takesOver(autoscaler, other))
                yield relationFinding(autoscaler, ref, "another autoscaler scales the same workload");
            taken.set(key, autoscaler);
        }
    },
);

/** Whether KEDA makes another autoscaler its own. */
function takesOver({ view }: Subject, other: Subject): boolean {
    const asked = view.at("metadata", "annotations", "scaledobject.keda.sh/transfer-hpa-ownership").string();
    const name = view.at("spec", "advanced", "horizontalPodAutoscalerConfig", "name").string();
    return asked === "true" && name === other.object.name;
}
