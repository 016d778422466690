import { groupOf, knownKind, type KubeObject, type Place } from "./object.ts";
import { UNKNOWN, type Read } from "./unknown.ts";
import { isTree, type View } from "./view.ts";

/** What a container is in its pod. A sidecar is an init container that stays (`restartPolicy: Always`). */
export type Role = "container" | "init" | "sidecar" | "ephemeral";

/** One container of a pod. */
export interface Container {
    readonly role: Role;
    /** Name for messages; its place in the list where it has none. */
    readonly name: string;
    readonly view: View;
}

/** The pod that an object is, or makes. */
export interface Pod {
    /** Kind of the object that holds it. */
    readonly kind: string;
    /** Whether its containers are meant to run for ever. */
    readonly longRunning: boolean;
    /** `metadata` of the pod (of the template). */
    readonly metadata: View;
    /** `spec` of the pod. */
    readonly spec: View;
    readonly containers: readonly Container[];
    /** Whether a controller fills in images, as in `$(params.image)`. Default: false. */
    readonly hasParameters?: boolean;
}

const TEMPLATE: Readonly<Record<string, readonly string[]>> = {
    Pod: [],
    Deployment: ["spec", "template"],
    StatefulSet: ["spec", "template"],
    DaemonSet: ["spec", "template"],
    ReplicaSet: ["spec", "template"],
    ReplicationController: ["spec", "template"],
    Job: ["spec", "template"],
    CronJob: ["spec", "jobTemplate", "spec", "template"],
};

/** Keys and indexes down to a pod template of another kind, at most; deeper trees are no templates of pods. */
const DEEPEST = 8;

/** Kinds of Argo Workflows, with the place of the workflow: its steps share what it says about the pod. */
const WORKFLOWS: Readonly<Record<string, readonly string[]>> = {
    Workflow: ["spec"],
    WorkflowTemplate: ["spec"],
    ClusterWorkflowTemplate: ["spec"],
    CronWorkflow: ["spec", "workflowSpec"],
};

/** The pod of an object of a kind that has one template; the first one of another. */
export function podOf(object: KubeObject, view: View): Pod | undefined {
    return podsOf(object, view)[0];
}

/** The pods of an object: one each for its templates. Those of a kind that the rules do not know are looked for. */
export function podsOf(object: KubeObject, view: View): readonly Pod[] {
    const known = knownKind(object);
    const workflow = workflowIn(object);
    if (workflow !== undefined) return [podOfWorkflow(object.kind, view.at(...workflow))];
    if (known === undefined) return templatesIn(object).map((path) => podIn(object.kind, view.at(...path)));
    const path = TEMPLATE[known];
    return path === undefined ? [] : [podIn(known, view.at(...path))];
}

function podIn(kind: string, template: View): Pod {
    const spec = template.at("spec");
    return {
        kind,
        longRunning: kind !== "Job" && kind !== "CronJob" && !endsByItself(kind, spec),
        metadata: template.at("metadata"),
        spec,
        containers: [
            ...containersIn(spec.at("containers"), () => "container"),
            ...containersIn(spec.at("initContainers"), (view) =>
                view.at("restartPolicy").string() === "Always" ? "sidecar" : "init",
            ),
            ...containersIn(spec.at("ephemeralContainers"), () => "ephemeral"),
        ],
    };
}

function workflowIn({ apiVersion, kind }: KubeObject): readonly string[] | undefined {
    return groupOf(apiVersion) === "argoproj.io" && Object.hasOwn(WORKFLOWS, kind) ? WORKFLOWS[kind] : undefined;
}

/** The containers of all steps, each a pod of its own for the cluster, as those of one pod that is like all of them. */
function podOfWorkflow(kind: string, workflow: View): Pod {
    const steps = [workflow.at("templateDefaults"), ...workflow.at("templates").items()].flatMap((step) => [
        step,
        ...[
            ...step.at("dag", "tasks").items(),
            ...step
                .at("steps")
                .items()
                .flatMap((group) => group.items()),
        ].map((task) => task.at("inline")),
    ]);
    const containers = steps.flatMap((step) => [
        ...[step.at("container"), step.at("script")].filter((view) => !view.missing),
        ...step.at("containerSet", "containers").items(),
        ...step.at("sidecars").items(),
    ]);
    return {
        kind,
        longRunning: false,
        hasParameters: true,
        metadata: workflow.at("podMetadata"),
        spec: workflow,
        containers: [
            ...containers.map((view, index): Container => ({ role: "container", name: nameOf(view, index), view })),
            ...steps.flatMap((step) => containersIn(step.at("initContainers"), () => "init")),
        ],
    };
}

/**
 * Where an object of any kind has pod templates (a PodTemplate has it at its root): what holds `spec.containers`, such as `spec.template` of an Argo Rollout
 * and of a Knative Service, `spec.replicatedJobs[].template.spec.template` of a JobSet, `spec.tasks[].template` of a
 * Volcano Job.
 */
function templatesIn({ body }: KubeObject): readonly Place[] {
    return isTree(body) ? ["spec", "template"].flatMap((key) => below(body[key], [key])) : [];
}

function below(value: unknown, place: Place): readonly Place[] {
    if (typeof value !== "object" || value === null || place.length > DEEPEST) return [];
    if (isTree(value) && isTree(value["spec"]) && Array.isArray(value["spec"]["containers"])) return [place];
    return Object.entries(value).flatMap(([key, part]) =>
        below(part, [...place, Array.isArray(value) ? Number(key) : key]),
    );
}

/** Whether an object makes pods, whatever its kind. */
export function makesPods(object: KubeObject): boolean {
    const kind = knownKind(object);
    if (kind !== undefined) return Object.hasOwn(TEMPLATE, kind);
    return workflowIn(object) !== undefined || templatesIn(object).length > 0;
}

/** A bare pod, or that of a kind of another group, which is not restarted for ever is a task, like a Job's. */
function endsByItself(kind: string, spec: View): boolean {
    if (kind !== "Pod" && Object.hasOwn(TEMPLATE, kind)) return false;
    const policy = spec.at("restartPolicy").string();
    return policy === "Never" || policy === "OnFailure";
}

/** The containers of a list. */
export function containersIn(view: View, role: (view: View) => Role): Container[] {
    return view.items().map((item, index) => ({ role: role(item), name: nameOf(item, index), view: item }));
}

function nameOf(container: View, index: number): string {
    const name = container.at("name").string();
    return typeof name === "string" ? name : `#${index}`;
}

/** `container "api"`, `init container "wait"`: how messages call a container. */
export function called(container: Container): string {
    const role = { container: "", init: "init ", sidecar: "sidecar ", ephemeral: "ephemeral " }[container.role];
    return `${role}container "${container.name}"`;
}

/**
 * A field of the security context that counts for a container: its own when set, else the pod's.
 * @param keys below `securityContext`, as in `["seccompProfile", "type"]`; inheritance goes by the first of them
 */
export function effective(pod: Pod, container: Container, ...keys: readonly [string, ...string[]]): View {
    const own = container.view.at("securityContext", keys[0]);
    return own.missing ? pod.spec.at("securityContext", ...keys) : container.view.at("securityContext", ...keys);
}

/**
 * Where a finding on an inherited field belongs: the container's own field, unless the pod's says the wrong thing.
 */
export function effectivePath(pod: Pod, container: Container, ...keys: readonly [string, ...string[]]): string {
    const view = effective(pod, container, ...keys);
    return view.missing ? container.view.at("securityContext", ...keys).path : view.path;
}

/** Labels that the pod will carry, as far as the manifest tells. */
export function podLabels(pod: Pod): Read<ReadonlyMap<string, string>> {
    return pod.metadata.at("labels").stringMap() ?? new Map<string, string>();
}

/** The names and numbers of the ports that a pod's containers declare; `UNKNOWN` when one is not known. */
export function declaredPorts(containers: readonly Container[]): Read<readonly DeclaredPort[]> {
    const ports: DeclaredPort[] = [];
    for (const container of containers) {
        const declared = container.view.at("ports");
        if (declared.unknown) return UNKNOWN;
        for (const port of declared.items()) {
            const name = port.at("name").string();
            const number = port.at("containerPort").number();
            const protocol = port.at("protocol").string() ?? "TCP";
            if (name === UNKNOWN || number === UNKNOWN || protocol === UNKNOWN) return UNKNOWN;
            ports.push({ name, number, protocol });
        }
    }
    return ports;
}

/** The ports that all containers of a pod declare; `UNKNOWN` when its list of containers, or a port, is not known. */
export function podPorts(pod: Pod): Read<readonly DeclaredPort[]> {
    const lists = [pod.spec.at("containers"), pod.spec.at("initContainers")];
    return lists.some((list) => list.unknown) ? UNKNOWN : declaredPorts(pod.containers);
}

/** A port of a container. */
export interface DeclaredPort {
    readonly name: string | undefined;
    readonly number: number | undefined;
    readonly protocol: string;
}

/** Whether a port given by name or number is among the declared ones. */
export function hasPort(ports: readonly DeclaredPort[], port: string | number, protocol?: string): boolean {
    return ports.some(
        (declared) =>
            (declared.name === port || declared.number === port || String(declared.number) === String(port)) &&
            (protocol === undefined || declared.protocol === protocol),
    );
}
