import { called } from "../model/pods.ts";
import { amount, resourceOf } from "../model/resources.ts";
import { relationFinding, stackRule } from "../model/rule.ts";
import type { Subject } from "../model/subject.ts";
import type { View } from "../model/view.ts";
import { autoscalerOf, autoscalers, isKeda, SCALED_KINDS } from "../model/scale.ts";

export const autoscalerRequests = stackRule(
    {
        name: "autoscaler-requests",
        title: "Pods request the resource that they are scaled by",
        severity: "high",
        why: "Utilization is a share of the request; where one container has none the autoscaler stands still.",
        fix: "Set the request on every container of the workload.",
        link: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#how-does-a-horizontalpodautoscaler-work",
        levels: ["mandatory", "mandatory", "mandatory"],
    },
    function* (world) {
        const scalers = autoscalers(world);
        for (const workload of world.workloads(SCALED_KINDS)) {
            const scaler = autoscalerOf(scalers, workload);
            if (scaler === undefined) continue;
            for (const { resource, container: only, place } of metrics(scaler)) {
                if (only !== undefined && !workload.pod.containers.some(({ name }) => name === only))
                    yield relationFinding(scaler, place, "the workload has no container of this name");
                for (const container of workload.pod.containers) {
                    if (container.role !== "container" && container.role !== "sidecar") continue;
                    if (only !== undefined && only !== container.name) continue;
                    // A limit without a request counts as the request.
                    const places = (["requests", "limits"] as const).map((list) =>
                        resourceOf(workload.pod, container, list, resource),
                    );
                    const [request] = places;
                    if (request !== undefined && places.every((place) => amount(place) === undefined))
                        yield relationFinding(
                            workload,
                            request,
                            `${called(container)} requests none of the ${resource} that ${scaler.object.name} scales by`,
                        );
                }
            }
        }
    },
);

interface Metric {
    readonly resource: string;
    /** The only container that counts; all count where it is absent. */
    readonly container: string | undefined;
    readonly place: View;
}

/** Resources that an autoscaler looks at as a share of the request; CPU where it names no metric. */
function metrics(scaler: Subject): readonly Metric[] {
    const { view } = scaler;
    if (isKeda(scaler)) return triggers(view);
    const listed = view.at("spec", "metrics");
    if (listed.unknown) return [];
    if (listed.missing || listed.items().length === 0)
        return [{ resource: "cpu", container: undefined, place: listed }];
    return listed.items().flatMap((metric) => {
        const source = metric.at("containerResource").missing ? "resource" : "containerResource";
        const name = metric.at(source, "name").string();
        const container = metric.at(source, "container").string();
        const share = metric.at(source, "target", "averageUtilization");
        if (typeof name !== "string" || typeof container === "symbol" || (share.missing && !share.unknown)) return [];
        return [{ resource: name, container, place: metric.at(source, "container") }];
    });
}

/** The same of KEDA, which has no metric by default. */
function triggers(view: View): readonly Metric[] {
    return view
        .at("spec", "triggers")
        .items()
        .flatMap((trigger) => {
            const resource = trigger.at("type").string();
            const place = trigger.at("metadata", "containerName");
            const container = place.string();
            const kind = trigger.at("metricType").string() ?? "Utilization";
            if ((resource !== "cpu" && resource !== "memory") || typeof container === "symbol") return [];
            return kind === "Utilization" ? [{ resource, container, place }] : [];
        });
}
