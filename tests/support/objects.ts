/** Finds things in what the program registered. */
import type { Program, Recorded } from "./mocks.ts";

/** An object of any kind, as far as tests look into it without knowing its type. */
export type Tree = { readonly [key: string]: Tree } & readonly Tree[];

const kinds = {
    ConfigMap: "kubernetes:core/v1:ConfigMap",
    CronJob: "kubernetes:batch/v1:CronJob",
    DaemonSet: "kubernetes:apps/v1:DaemonSet",
    Deployment: "kubernetes:apps/v1:Deployment",
    ExternalSecret: "kubernetes:external-secrets.io/v1:ExternalSecret",
    Gateway: "kubernetes:gateway.networking.k8s.io/v1:Gateway",
    HTTPRoute: "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute",
    HorizontalPodAutoscaler: "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    Ingress: "kubernetes:networking.k8s.io/v1:Ingress",
    Job: "kubernetes:batch/v1:Job",
    Namespace: "kubernetes:core/v1:Namespace",
    NetworkPolicy: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    PodDisruptionBudget: "kubernetes:policy/v1:PodDisruptionBudget",
    PodMonitor: "kubernetes:monitoring.coreos.com/v1:PodMonitor",
    PrometheusRule: "kubernetes:monitoring.coreos.com/v1:PrometheusRule",
    Release: "kubernetes:helm.sh/v3:Release",
    SealedSecret: "kubernetes:bitnami.com/v1alpha1:SealedSecret",
    Secret: "kubernetes:core/v1:Secret",
    Service: "kubernetes:core/v1:Service",
    ServiceAccount: "kubernetes:core/v1:ServiceAccount",
    ServiceMonitor: "kubernetes:monitoring.coreos.com/v1:ServiceMonitor",
} as const;

export type Kind = keyof typeof kinds;

/** All objects of a kind. */
export function objectsOf(program: Program, kind: Kind): readonly Recorded[] {
    return program.resources.filter(({ type }) => type === kinds[kind]);
}

/** Kind of a recorded object; `undefined` for what is none of Kubernetes. */
export function kindOf({ type }: Recorded): Kind | undefined {
    return (Object.keys(kinds) as Kind[]).find((kind) => kinds[kind] === type);
}

/** Name of an object in the cluster. */
export function objectName({ inputs }: Recorded): string {
    const { metadata, name } = inputs as { metadata?: { name?: string }; name?: string };
    return metadata?.name ?? name ?? "";
}

/** The object of that kind and name in the cluster, where there is one. */
export function find(program: Program, kind: Kind, name: string): Recorded | undefined {
    return objectsOf(program, kind).find((object) => objectName(object) === name);
}

/** Inputs of the object of that kind and name in the cluster, to look into. */
export function inputsOf(program: Program, kind: Kind, name: string): Tree {
    const object = find(program, kind, name);
    if (object === undefined) {
        throw new Error(`the program has no ${kind} ${name}: ${objectsOf(program, kind).map(objectName).join(", ")}`);
    }
    return object.inputs as unknown as Tree;
}

/** The registered resource of that name in the program. */
export function resource(program: Program, name: string, type = ""): Recorded {
    const found = program.resources.find((candidate) => candidate.name === name && candidate.type.includes(type));
    if (found === undefined) {
        throw new Error(`the program has no resource ${name}`);
    }
    return found;
}

/** Data of a Secret, decoded. */
export function secretData(program: Program, name: string): Record<string, string> {
    const data = inputsOf(program, "Secret", name)["data"] as unknown as Record<string, string>;
    return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, "base64").toString()]));
}

/** The pod templates of all workloads. */
export function podTemplates(program: Program): readonly { readonly owner: Recorded; readonly template: Tree }[] {
    return program.resources.flatMap((owner) => {
        const spec = (owner.inputs as unknown as Tree)["spec"];
        switch (kindOf(owner)) {
            case "DaemonSet":
            case "Deployment":
            case "Job":
                return [{ owner, template: spec!["template"]! }];
            case "CronJob":
                return [{ owner, template: spec!["jobTemplate"]!["spec"]!["template"]! }];
            default:
                return [];
        }
    });
}

/** The pod template of the workload of that kind and name. */
export function podOf(program: Program, kind: "DaemonSet" | "Deployment" | "Job" | "CronJob", name: string): Tree {
    const found = podTemplates(program).find(
        ({ owner }) => kindOf(owner) === kind && objectName(owner).startsWith(name),
    );
    if (found === undefined) {
        throw new Error(`the program has no pods of ${kind} ${name}`);
    }
    return found.template;
}
