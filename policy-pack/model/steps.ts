import { groupOf, type KubeObject } from "./object.ts";
import { containersIn, type Pod } from "./pods.ts";
import { newTrace, View } from "./view.ts";

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

function find({ apiVersion, kind }: KubeObject): Find | undefined {
    return groupOf(apiVersion) === "tekton.dev" && Object.hasOwn(TASKS, kind) ? TASKS[kind] : undefined;
}

/**
 * The containers of the steps of each Tekton task, as those of a pod. What a pod has beside them (service account, user,
 * probes, labels) the run of a task gives, so that only rules on what containers say apply.
 */
export function stepsOf(object: KubeObject, view: View): readonly Pod[] {
    const { kind } = object;
    const specs = find(object)?.(view.at("spec")) ?? [];
    return specs
        .filter((spec) => !spec.missing)
        .map((spec) => ({
            kind,
            longRunning: false,
            hasParameters: true,
            metadata: view.at("metadata"),
            spec,
            containers: [
                ...(kind === "StepAction" ? [{ role: "container" as const, name: object.name, view: spec }] : []),
                ...[spec.at("stepTemplate")]
                    .filter((template) => !template.missing)
                    .map((template) => ({ role: "container" as const, name: "stepTemplate", view: template })),
                ...containersIn(spec.at("steps"), () => "container"),
                ...containersIn(spec.at("sidecars"), () => "container"),
            ],
        }));
}

/** Whether an object holds steps. */
export function hasSteps(object: KubeObject): boolean {
    return stepsOf(object, View.of(object.body, newTrace())).length > 0;
}
