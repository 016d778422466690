/** What the network policies of a rendered stack say about the intended matrix, by an evaluator that is not ours. */
import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import { goldenFile } from "../golden/render.ts";
import { run } from "./go.ts";
import { type Features, intendedOf, nameOf, outside, questions } from "./matrix.ts";

/** An object of a rendered stack, as far as this looks into it. */
export interface RenderedObject {
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace?: string };
    readonly spec?: Readonly<Record<string, unknown>>;
}

type Labels = Readonly<Record<string, string>>;

/** One end of a connection: a pod, or an address outside of the cluster where `pod` is missing. */
export interface Peer {
    readonly ip: string;
    readonly pod?: { readonly namespace: string; readonly namespaceLabels: Labels; readonly labels: Labels };
}

/** The objects of a stack, as its golden file has them; `production-…`: of production with what that file has otherwise. */
export function rendered(stack: string): readonly RenderedObject[] {
    const own = parseAllDocuments(readFileSync(goldenFile(stack), "utf8")).map(
        (document) => document.toJS() as RenderedObject,
    );
    if (!stack.startsWith("production-")) return own;
    const isSame = (a: RenderedObject, b: RenderedObject): boolean =>
        a.kind === b.kind && a.metadata.name === b.metadata.name && a.metadata.namespace === b.metadata.namespace;
    return [...rendered("production").filter((object) => !own.some((other) => isSame(object, other))), ...own];
}

/** What the policies of a rendered stack decide otherwise than intended, one line for each connection; and how many were checked. */
export async function check(
    objects: readonly RenderedObject[],
): Promise<{ readonly checked: number; readonly findings: readonly string[] }> {
    const asked = questions(intendedOf(featuresOf(objects)), peersOf(objects));
    const verdicts = await evaluate({
        policies: objects.filter(({ kind }) => kind === "NetworkPolicy"),
        connections: asked.map(({ connection: { port, protocol }, from, to }) => ({ from, to, port, protocol })),
    });
    const findings = asked.flatMap((question, index) => {
        const { egress, ingress } = verdicts[index]!;
        const isAllowed = egress && ingress;
        if (isAllowed === question.isIntended) return [];
        const sides = isAllowed
            ? ""
            : ` by the ${egress ? "receiving" : ingress ? "sending" : "sending and the receiving"} side`;
        return [`${nameOf(question)}: ${isAllowed ? "allowed" : "refused"}${sides}`];
    });
    return { checked: asked.length, findings };
}

function featuresOf(objects: readonly RenderedObject[]): Features {
    return {
        certificates: objects.some(({ kind, spec }) => kind === "Ingress" && spec?.["tls"] !== undefined),
        smokeTest: objects.some(isSmokeTest),
        backups: objects.some(isBackup),
    };
}

function isBackup({ kind, metadata }: RenderedObject): boolean {
    return kind === "CronJob" && metadata.name.includes("-backup");
}

/** Whether an object is the Job that tests a deployment. */
export function isSmokeTest({ kind, metadata }: RenderedObject): boolean {
    return kind === "Job" && metadata.name.includes("smoke-test");
}

/** Who is meant in the matrix. The labels come from the rendered pod templates, so that a selector that misses them is found out. */
export function peersOf(objects: readonly RenderedObject[]): ReadonlyMap<string, readonly Peer[]> {
    const own = objects.find(({ kind }) => kind === "Namespace")!.metadata.name;
    const inNamespace = (namespace: string, ip: string, labels: Labels): Peer => ({
        ip,
        pod: { namespace, namespaceLabels: { "kubernetes.io/metadata.name": namespace }, labels },
    });
    const addresses = (name: keyof typeof outside): readonly Peer[] => outside[name].map((ip) => ({ ip }));
    const gateway = templateLabels(objects, "Deployment", "gateway-api");
    const smoke = objects.some(isSmokeTest) ? templateLabels(objects, "Job", "smoke-test") : {};
    const backup = objects.some(isBackup) ? templateLabels(objects, "CronJob", "-backup") : {};
    return new Map<string, readonly Peer[]>([
        ["gateway", [inNamespace(own, "10.1.0.11", gateway)]],
        ["dashboard", [inNamespace(own, "10.1.0.12", templateLabels(objects, "Deployment", "agent-dashboard"))]],
        ["worker", [inNamespace(own, "10.1.0.13", templateLabels(objects, "CronJob", "notification-worker"))]],
        ["migration", [inNamespace(own, "10.1.0.14", templateLabels(objects, "Job", "database-migration"))]],
        ["postgresql", [inNamespace(own, "10.1.0.15", templateLabels(objects, "StatefulSet", "postgresql"))]],
        ["redis", [inNamespace(own, "10.1.0.16", templateLabels(objects, "StatefulSet", "redis"))]],
        ["smoke", [inNamespace(own, "10.1.0.19", smoke)]],
        ["backup", [inNamespace(own, "10.1.0.20", backup)]],
        ["bare", [inNamespace(own, "10.1.0.17", {})]],
        ["solver", [inNamespace(own, "10.1.0.18", { "acme.cert-manager.io/http01-solver": "true" })]],
        ["dns", [inNamespace("kube-system", "10.1.1.1", { "k8s-app": "kube-dns" }), ...addresses("dns")]],
        ["public", addresses("public")],
        ["priv", addresses("priv")],
        ["meta", addresses("meta")],
        ["node", addresses("node")],
        ["twin", [inNamespace("elsewhere", "10.1.2.1", gateway)]],
        ["monitoring", [inNamespace("monitoring", "10.1.3.1", { "app.kubernetes.io/name": "prometheus" })]],
        ["nginx", [inNamespace("ingress-nginx", "10.1.4.1", { "app.kubernetes.io/name": "ingress-nginx" })]],
    ]);
}

function templateLabels(objects: readonly RenderedObject[], kind: string, part: string): Labels {
    const found = objects.find((object) => object.kind === kind && object.metadata.name.includes(part));
    interface Template {
        readonly template: { readonly metadata: { readonly labels: Labels } };
    }
    const spec = found!.spec as unknown as Template & { readonly jobTemplate?: { readonly spec: Template } };
    return (spec.jobTemplate?.spec ?? spec).template.metadata.labels;
}

/** Asks cyclonus, which knows nothing of this repository; see `evaluator/`. */
async function evaluate(
    question: unknown,
): Promise<readonly { readonly egress: boolean; readonly ingress: boolean }[]> {
    return JSON.parse(await run("evaluator", question)) as { egress: boolean; ingress: boolean }[];
}
