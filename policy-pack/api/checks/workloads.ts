/** What the API server's code asks of what makes pods, and of budgets and autoscalers. */
import { below, isSet, isUnknown, list, pointer, text, tree, wrong, type Check } from "./parts.ts";

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

const job: Check = function* (spec) {
    const {
        completionMode,
        completions,
        backoffLimitPerIndex,
        maxFailedIndexes,
        successPolicy,
        podFailurePolicy,
        podReplacementPolicy,
        template,
    } = spec;
    const isIndexed = completionMode === "Indexed" || isUnknown(completionMode);
    if (completionMode === "Indexed" && !isSet(completions))
        yield wrong("/completions", "the mode Indexed needs completions");
    if (isSet(backoffLimitPerIndex) && !isIndexed)
        yield wrong("/backoffLimitPerIndex", "it needs completionMode: Indexed");
    if (isSet(maxFailedIndexes) && !isSet(backoffLimitPerIndex))
        yield wrong("/maxFailedIndexes", "it needs backoffLimitPerIndex");
    if (typeof maxFailedIndexes === "number" && typeof completions === "number" && maxFailedIndexes > completions)
        yield wrong("/maxFailedIndexes", "must be at most completions");
    if (isSet(successPolicy) && !isIndexed) yield wrong("/successPolicy", "it needs completionMode: Indexed");
    if (isSet(podFailurePolicy) && podReplacementPolicy === "TerminatingOrFailed")
        yield wrong("/podReplacementPolicy", "with podFailurePolicy it must be Failed");
    const restartPolicy = below(template, "spec", "restartPolicy");
    if (isSet(podFailurePolicy) && !isUnknown(restartPolicy) && restartPolicy !== "Never")
        yield wrong("/podFailurePolicy", "it needs pods with restartPolicy: Never");
    if (isSet(backoffLimitPerIndex) && !isUnknown(restartPolicy) && restartPolicy !== "Never")
        yield wrong("/backoffLimitPerIndex", "it needs pods with restartPolicy: Never");
    for (const [index, rule] of list(tree(podFailurePolicy)["rules"]).map(tree).entries()) {
        if (rule["action"] === "FailIndex" && !isSet(backoffLimitPerIndex))
            yield wrong(`/podFailurePolicy/rules/${index}/action`, "FailIndex needs backoffLimitPerIndex");
        const { containerName } = tree(rule["onExitCodes"]);
        const containers = below(template, "spec", "containers");
        const initContainers = below(template, "spec", "initContainers");
        const known = [...list(containers), ...list(initContainers)].map((container) => below(container, "name"));
        if (
            typeof containerName === "string" &&
            containerName !== "" &&
            ![containers, initContainers, ...known].some(isUnknown) &&
            !known.includes(containerName)
        )
            yield wrong(`/podFailurePolicy/rules/${index}/onExitCodes/containerName`, "the pod has no such container");
        if (isSet(rule["onExitCodes"]) === hasEntries(rule["onPodConditions"]))
            yield wrong(`/podFailurePolicy/rules/${index}`, "a rule has either onExitCodes or onPodConditions");
    }
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

/** Labels by which a Job finds its pods. */
const GENERATED = /^(batch\.kubernetes\.io\/)?(controller-uid|job-name)$/;

export const WORKLOAD_CHECKS: Readonly<Record<string, Check>> = {
    "apps.v1.DeploymentSpec": deployment,
    "apps.v1.DaemonSetSpec": daemonSet,
    "apps.v1.StatefulSetSpec": function* ({ volumeClaimTemplates }) {
        for (const [index, { metadata }] of list(volumeClaimTemplates).map(tree).entries())
            if (!isUnknown(metadata) && !isSet(tree(metadata)["name"]))
                yield wrong(`/volumeClaimTemplates/${index}/metadata/name`, "this is required");
    },
    "batch.v1.JobSpec": job,
    "batch.v1.Job": function* ({ metadata, spec }) {
        if (tree(spec)["manualSelector"] === true || isUnknown(below(spec, "manualSelector"))) return;
        if ((text(tree(metadata)["name"])?.length ?? 0) > 63)
            yield wrong("/metadata/name", "must have at most 63 characters, as it becomes a label of the pods");
        const labels = tree(below(spec, "template", "metadata", "labels"));
        for (const [label, own] of Object.entries(labels)) {
            if (isUnknown(own) || !GENERATED.test(label)) continue;
            if (label.endsWith("job-name") && own === below(metadata, "name")) continue;
            yield wrong(`/spec/template/metadata/labels/${pointer(label)}`, "the API server sets this label itself");
        }
    },
    "batch.v1.CronJob": function* ({ metadata }) {
        if ((text(tree(metadata)["name"])?.length ?? 0) > 52)
            yield wrong("/metadata/name", "must have at most 52 characters, as Jobs are named after it");
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

function hasEntries(value: unknown): boolean {
    return isUnknown(value) || list(value).length > 0;
}
