import { groupOf, knownKind, type KubeObject, type Place } from "./object.ts";
import { containersIn, makesPods, type Pod } from "./pods.ts";
import { isTree, newTrace, View } from "./view.ts";

type Find = (spec: View) => readonly View[];

const embedded: Find = (spec) =>
    [...spec.at("tasks").items(), ...spec.at("finally").items()].map((task) => task.at("taskSpec"));

/** Kinds of Tekton, with the specifications of tasks that they hold. A StepAction is a single step. */
const TASKS: Readonly<Record<string, Find>> = {
    Task: (spec) => [spec],
    ClusterTask: (spec) => [spec],
    TaskRun: (spec) => [spec.at("taskSpec")],
    Pipeline: embedded,
    PipelineRun: (spec) => embedded(spec.at("pipelineSpec")),
    StepAction: (spec) => [spec],
};

/** Keys and indexes down to a list of containers, at most. */
const DEEPEST = 8;

function find({ apiVersion, kind }: KubeObject): Find | undefined {
    return groupOf(apiVersion) === "tekton.dev" && Object.hasOwn(TASKS, kind) ? TASKS[kind] : undefined;
}

/**
 * Where a custom resource has containers outside a pod template, such as `spec.predictor` of a KServe InferenceService.
 * Of some the operator makes pods, others (`spec` of a Prometheus) are merged into its own.
 */
function holders(object: KubeObject): readonly Place[] {
    if (makesPods(object) || !isTree(object.body)) return [];
    const below = (value: unknown, place: Place): readonly Place[] => {
        if (typeof value !== "object" || value === null || place.length > DEEPEST) return [];
        const list = isTree(value) ? value["containers"] : undefined;
        const isHolder =
            Array.isArray(list) &&
            list.length > 0 &&
            list.every((item) => isTree(item) && typeof item["name"] === "string");
        if (isHolder) return [place];
        return Object.entries(value).flatMap(([key, part]) =>
            below(part, [...place, Array.isArray(value) ? Number(key) : key]),
        );
    };
    return below(object.body["spec"], ["spec"]);
}

/**
 * The containers of the steps of each Tekton task, and those of custom resources outside pod templates, as those of a pod.
 * What a pod has beside them (service account, user, probes, labels) its controller gives, so that only rules on what
 * containers say apply.
 */
export function stepsOf(object: KubeObject, view: View): readonly Pod[] {
    if (knownKind(object) !== undefined) return [];
    const { kind } = object;
    const tasks = find(object)?.(view.at("spec"));
    const specs = tasks ?? holders(object).map((path) => view.at(...path));
    return specs
        .filter((spec) => !spec.missing)
        .map((spec) => ({
            kind,
            longRunning: false,
            hasParameters: true,
            metadata: view.at("metadata"),
            spec,
            containers: [
                ...(tasks === undefined ? containersIn(spec.at("containers"), () => "container") : []),
                ...(tasks === undefined ? containersIn(spec.at("initContainers"), () => "init") : []),
                ...(kind === "StepAction" ? [{ role: "container" as const, name: object.name, view: spec }] : []),
                ...[spec.at("stepTemplate")]
                    .filter((template) => !template.missing)
                    .map((template) => ({ role: "container" as const, name: "stepTemplate", view: template })),
                ...containersIn(spec.at("steps"), () => "container"),
                ...containersIn(spec.at("sidecars"), () => "container"),
            ],
        }));
}

/** Whether an object has containers that `stepsOf` finds. */
export function hasSteps(object: KubeObject): boolean {
    return stepsOf(object, View.of(object.body, newTrace())).length > 0;
}
