/** What the API server's code asks of Jobs and CronJobs. */
import { below, isSet, isUnknown, list, pointer, text, tree, wrong, type Check, type Tree } from "./parts.ts";

/** Most pods at once of a Job with the mode Indexed. */
const MOST_INDEXED = 100_000;

const job: Check = function* (spec) {
    const {
        completionMode,
        completions,
        parallelism,
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
    if (completionMode === "Indexed" && typeof parallelism === "number" && parallelism > MOST_INDEXED)
        yield wrong("/parallelism", `must be at most ${MOST_INDEXED} with the mode Indexed`);
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
    yield* failures(spec);
    yield* successes(spec);
};

function* failures({ podFailurePolicy, backoffLimitPerIndex, template }: Tree): ReturnType<Check> & Generator {
    for (const [index, rule] of list(tree(podFailurePolicy)["rules"]).map(tree).entries()) {
        const at = `/podFailurePolicy/rules/${index}`;
        if (rule["action"] === "FailIndex" && !isSet(backoffLimitPerIndex))
            yield wrong(`${at}/action`, "FailIndex needs backoffLimitPerIndex");
        const { containerName, operator, values } = tree(rule["onExitCodes"]);
        const containers = below(template, "spec", "containers");
        const initContainers = below(template, "spec", "initContainers");
        const known = [...list(containers), ...list(initContainers)].map((container) => below(container, "name"));
        if (
            typeof containerName === "string" &&
            containerName !== "" &&
            ![containers, initContainers, ...known].some(isUnknown) &&
            !known.includes(containerName)
        )
            yield wrong(`${at}/onExitCodes/containerName`, "the pod has no such container");
        if (operator === "In" && list(values).includes(0))
            yield wrong(`${at}/onExitCodes/values`, "must not have 0, which is no failure, for the operator In");
        const codes = list(values).filter((value) => typeof value === "number");
        if (codes.some((code, place) => code < (codes[place - 1] ?? code)))
            yield wrong(`${at}/onExitCodes/values`, "must be in ascending order");
        if (isSet(rule["onExitCodes"]) === hasEntries(rule["onPodConditions"]))
            yield wrong(at, "a rule has either onExitCodes or onPodConditions");
    }
}

function* successes({ successPolicy, completions }: Tree): ReturnType<Check> & Generator {
    const most = typeof completions === "number" ? completions : Infinity;
    for (const [index, rule] of list(tree(successPolicy)["rules"]).entries()) {
        if (isUnknown(rule)) continue;
        const at = `/successPolicy/rules/${index}`;
        const { succeededIndexes, succeededCount } = tree(rule);
        if (!isSet(succeededIndexes) && !isSet(succeededCount))
            yield wrong(at, "a rule needs succeededIndexes or succeededCount");
        // What is no list of indexes at all is found by the schema.
        const ranges = (text(succeededIndexes) ?? "").split(",").map((range) => range.split("-").map(Number));
        const indexes = isSet(succeededIndexes) ? ranges.flat() : [];
        if (indexes.some((one, place) => one <= (indexes[place - 1] ?? -1)))
            yield wrong(`${at}/succeededIndexes`, "must be in ascending order, each index once");
        if (indexes.some((one) => one >= most)) yield wrong(`${at}/succeededIndexes`, "must be below completions");
        const named = ranges.reduce((sum, [first = 0, last = first]) => sum + last - first + 1, 0);
        const limit = indexes.length > 0 ? Math.min(named, most) : most;
        if (typeof succeededCount === "number" && succeededCount > limit)
            yield wrong(`${at}/succeededCount`, "is more than there are indexes");
    }
}

/** Labels by which a Job finds its pods. */
const GENERATED = /^(batch\.kubernetes\.io\/)?(controller-uid|job-name)$/;

export const JOB_CHECKS: Readonly<Record<string, Check>> = {
    "batch.v1.JobSpec": job,
    "batch.v1.Job": function* ({ metadata, spec }) {
        const labels = tree(below(spec, "template", "metadata", "labels"));
        const selector = below(spec, "selector");
        if (isUnknown(below(spec, "manualSelector"))) return;
        if (tree(spec)["manualSelector"] === true) {
            if (!isSet(selector)) yield wrong("/spec/selector", "this is required, as manualSelector is true");
            for (const [label, value] of Object.entries(tree(below(selector, "matchLabels"))))
                if (!isUnknown(value) && !isUnknown(labels[label]) && labels[label] !== value)
                    yield wrong("/spec/selector", "the Job does not select its own pods");
            return;
        }
        if ((text(tree(metadata)["name"])?.length ?? 0) > 63)
            yield wrong("/metadata/name", "must have at most 63 characters, as it becomes a label of the pods");
        if (hasConditions(selector))
            yield wrong("/spec/selector", "the API server makes it: leave it out, or set manualSelector: true");
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
    "batch.v1.JobTemplateSpec": function* ({ spec }) {
        const { selector, manualSelector } = tree(spec);
        if (isSet(selector) && !isUnknown(selector))
            yield wrong("/spec/selector", "the API server makes it for each Job: leave it out");
        if (manualSelector === true) yield wrong("/spec/manualSelector", "the Jobs of a CronJob do not have this");
    },
};

/** Whether a selector asks for anything. */
function hasConditions(selector: unknown): boolean {
    const { matchLabels, matchExpressions } = tree(selector);
    return Object.keys(tree(matchLabels)).length > 0 || list(matchExpressions).length > 0;
}

function hasEntries(value: unknown): boolean {
    return isUnknown(value) || list(value).length > 0;
}
