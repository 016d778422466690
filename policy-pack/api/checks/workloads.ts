/** What the API server's code asks of what keeps pods running, and of budgets and autoscalers. */
import { FORMS_BY_NAME, hasForm } from "../formats.ts";
import { isSet, isUnknown, list, tree, wrong, type Check } from "./parts.ts";

const deployment: Check = function* ({ strategy, minReadySeconds = 0, progressDeadlineSeconds = 600 }) {
    const { type, rollingUpdate } = tree(strategy);
    if (type === "Recreate" && isSet(rollingUpdate))
        yield wrong("/strategy/rollingUpdate", "it is for the type RollingUpdate only");
    const { maxSurge, maxUnavailable } = tree(rollingUpdate);
    if (isZero(maxSurge) && isZero(maxUnavailable))
        yield wrong("/strategy/rollingUpdate/maxUnavailable", "maxUnavailable and maxSurge cannot both be 0");
    if (
        typeof minReadySeconds === "number" &&
        typeof progressDeadlineSeconds === "number" &&
        progressDeadlineSeconds <= minReadySeconds
    )
        yield wrong("/progressDeadlineSeconds", "must be above minReadySeconds");
};

const daemonSet: Check = function* ({ updateStrategy }) {
    const { maxSurge = 0, maxUnavailable = 1 } = tree(tree(updateStrategy)["rollingUpdate"]);
    if (isUnknown(maxSurge) || isUnknown(maxUnavailable)) return;
    if (isZero(maxSurge) && isZero(maxUnavailable))
        yield wrong("/updateStrategy/rollingUpdate/maxUnavailable", "maxUnavailable and maxSurge cannot both be 0");
    if (!isZero(maxSurge) && !isZero(maxUnavailable))
        yield wrong("/updateStrategy/rollingUpdate/maxSurge", "with a surge, maxUnavailable must be 0");
};

const METRICS: Readonly<Record<string, string>> = {
    Object: "object",
    Pods: "pods",
    Resource: "resource",
    ContainerResource: "containerResource",
    External: "external",
};
const TARGETS: Readonly<Record<string, string>> = {
    Utilization: "averageUtilization",
    Value: "value",
    AverageValue: "averageValue",
};

const metric: Check = function* (part) {
    const { type } = part;
    const source = typeof type === "string" && Object.hasOwn(METRICS, type) ? METRICS[type] : undefined;
    if (source !== undefined && !isSet(part[source])) yield wrong(`/${source}`, "the type of this metric needs it");
    for (const other of Object.values(METRICS))
        if (source !== undefined && other !== source && isSet(part[other]))
            yield wrong(`/${other}`, "the type of this metric does not have it");
};

const autoscaler: Check = function* ({ minReplicas, maxReplicas, metrics, behavior }) {
    if (typeof minReplicas === "number" && typeof maxReplicas === "number" && minReplicas > maxReplicas)
        yield wrong("/maxReplicas", "must be at least minReplicas");
    for (const [index, part] of list(metrics).map(tree).entries())
        for (const field of Object.values(METRICS)) {
            const { target } = tree(part[field]);
            const at = `/metrics/${index}/${field}/target`;
            const given = Object.values(TARGETS).filter((each) => isSet(tree(target)[each]));
            if (isSet(target) && !isUnknown(target) && given.length !== 1)
                yield wrong(at, "needs one of averageUtilization, averageValue and value");
            const fits =
                field === "resource" || field === "containerResource"
                    ? ["averageUtilization", "averageValue"]
                    : field === "pods"
                      ? ["averageValue"]
                      : ["value", "averageValue"];
            for (const each of given)
                if (!fits.includes(each)) yield wrong(`${at}/${each}`, `this kind of metric has ${fits.join(" or ")}`);
        }
    for (const direction of ["scaleUp", "scaleDown"]) {
        const rules = tree(tree(behavior)[direction]);
        if (Array.isArray(rules["policies"]) && rules["policies"].length === 0)
            yield wrong(`/behavior/${direction}/policies`, "must not be empty");
    }
};

export const WORKLOAD_CHECKS: Readonly<Record<string, Check>> = {
    "apps.v1.DeploymentSpec": deployment,
    "apps.v1.DaemonSetSpec": daemonSet,
    "apps.v1.StatefulSetSpec": function* ({ volumeClaimTemplates, updateStrategy }) {
        const { type, rollingUpdate } = tree(updateStrategy);
        if (type === "OnDelete" && isSet(rollingUpdate))
            yield wrong("/updateStrategy/rollingUpdate", "it is for the type RollingUpdate only");
        for (const [index, { metadata }] of list(volumeClaimTemplates).map(tree).entries())
            if (!isUnknown(metadata) && !isSet(tree(metadata)["name"]))
                yield wrong(`/volumeClaimTemplates/${index}/metadata/name`, "this is required");
            else if (typeof tree(metadata)["name"] === "string" && !hasForm("label", tree(metadata)["name"]))
                yield wrong(`/volumeClaimTemplates/${index}/metadata/name`, `must be ${FORMS_BY_NAME.label.says}`);
    },
    "policy.v1.PodDisruptionBudgetSpec": function* ({ minAvailable, maxUnavailable }) {
        if (isSet(minAvailable) && isSet(maxUnavailable))
            yield wrong("/maxUnavailable", "a budget has either minAvailable or maxUnavailable");
    },
    "autoscaling.v2.HorizontalPodAutoscalerSpec": autoscaler,
    "autoscaling.v1.HorizontalPodAutoscalerSpec": autoscaler,
    "autoscaling.v2.MetricSpec": metric,
};

function isZero(value: unknown): boolean {
    return value === 0 || value === "0%" || value === "0";
}
