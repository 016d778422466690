import type { Changes, RuleCases } from "./cases.ts";
import { FORM_CASES } from "./forms.cases.ts";
import { GATEWAYS } from "./gateways.cases.ts";
import { OBJECTS } from "./objects.cases.ts";
import { PODS } from "./pods.cases.ts";
import { RELATIONS } from "./relations.cases.ts";
import { SHAPES } from "./shapes.cases.ts";
import { SECURITY } from "./security.cases.ts";
import { at, goodStack, parsePath, pick, set, type Body } from "../stack.ts";

/** The tests of all rules. */
export const TABLES: readonly RuleCases[] = [
    ...PODS,
    ...SECURITY,
    ...RELATIONS,
    ...OBJECTS,
    ...SHAPES,
    ...GATEWAYS,
    ...FORM_CASES,
];

/** Where the pod is in an object. */
export function podPath(kind: unknown): string {
    if (kind === "Pod") return "";
    return kind === "CronJob" ? "spec.jobTemplate.spec.template." : "spec.template.";
}

/** Names by which the good stack has its workloads. */
const MAIN: Readonly<Record<string, string>> = { Deployment: "api", Service: "api", NetworkPolicy: "api" };

/** The good stack with an object of the wanted kind, and that object. */
function stackWith(wanted: string, added: readonly unknown[]): { stack: Body[]; target: Body } {
    const [kind = "", name] = wanted.split("/");
    const stack = [...goodStack(), ...(structuredClone(added) as Body[])];
    if (!stack.some((body) => body["kind"] === kind)) stack.push(extra(kind, stack));
    return {
        stack,
        target: pick(
            stack,
            kind,
            name ??
                (stack.some((b) => b["kind"] === kind && at(b, "metadata", "name") === MAIN[kind])
                    ? MAIN[kind]
                    : undefined),
        ),
    };
}

/** Objects of kinds that the good stack leaves out, because a rule has something against them. */
function extra(kind: string, stack: readonly Body[]): Body {
    const metadata = {
        name: "extra",
        namespace: "shop",
        labels: { "app.kubernetes.io/name": "x", "app.kubernetes.io/instance": "x" },
    };
    const labels = { "app.kubernetes.io/component": "extra" };
    const selector = { ...labels };
    const template = structuredClone(at(pick(stack, "Deployment"), "spec", "template")) as Body;
    set(template, ["metadata", "labels"], labels);
    switch (kind) {
        case "Pod":
            return { apiVersion: "v1", kind, metadata, spec: template["spec"] };
        case "ReplicaSet":
            return {
                apiVersion: "apps/v1",
                kind,
                metadata,
                spec: { replicas: 2, selector: { matchLabels: selector }, template },
            };
        case "ReplicationController":
            return { apiVersion: "v1", kind, metadata, spec: { replicas: 2, selector, template } };
        case "ClusterRole":
            return {
                apiVersion: "rbac.authorization.k8s.io/v1",
                kind,
                metadata: { name: "extra" },
                rules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["get"] }],
            };
        case "ClusterRoleBinding":
            return {
                apiVersion: "rbac.authorization.k8s.io/v1",
                kind,
                metadata: { name: "extra" },
                roleRef: { kind: "ClusterRole", name: "view" },
                subjects: [],
            };
        case "SecurityContextConstraints":
            return { apiVersion: "security.openshift.io/v1", kind, metadata: { name: "extra" } };
        case "ServiceMonitor":
            return {
                apiVersion: "monitoring.coreos.com/v1",
                kind,
                metadata,
                spec: { selector: { matchLabels: { "app.kubernetes.io/name": "shop" } } },
            };
        case "Release":
            return {
                apiVersion: "helm.sh/v3",
                kind,
                metadata: { name: "extra" },
                chart: "./chart",
                name: "extra",
                namespace: "shop",
                atomic: true,
                timeout: 600,
                maxHistory: 10,
            };
        default:
            throw new Error(`no object of kind ${kind}`);
    }
}

/** The good stack with changes, the object that they are about, and the path of its pod. */
export function stackOf(wanted: string, changes: Changes): { stack: Body[]; target: Body; pod: string } {
    const { stack, target } = stackWith(wanted, changes.add ?? []);
    const pod = podPath(target["kind"]);
    for (const [path, value] of Object.entries(changes.set ?? {})) {
        const other = /^([A-Z]\w+)\/([\w-]+):(.*)$/.exec(path);
        const body = other === null ? target : pick(stack, other[1] ?? "", other[2]);
        set(
            body,
            parsePath((other?.[3] ?? path).replace(/^pod:/, `${pod}spec.`).replace(/^meta:/, `${pod}metadata.`)),
            structuredClone(value),
        );
    }
    const left = stack.filter(
        (body) => !(changes.remove ?? []).includes(`${String(body["kind"])}/${String(at(body, "metadata", "name"))}`),
    );
    return { stack: left, target, pod };
}
