/** Objects that people install and the API server takes, of which the API's documents alone would say otherwise. */
import { expect } from "chai";
import { check } from "../../policy-pack/check.ts";
import { fromManifests, type KubeObject } from "../../policy-pack/model/object.ts";
import { parseSettings } from "../../policy-pack/settings.ts";
import { TODAY } from "./stack.ts";

type Body = Readonly<Record<string, unknown>>;

const settings = parseSettings({}, TODAY);
const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" };
const rbac = (kind: string, subject: object): Body => ({
    ...{ apiVersion: "rbac.authorization.k8s.io/v1", kind, metadata: { name: "a" } },
    ...{ roleRef, subjects: [{ kind: "ServiceAccount", name: "a", ...subject }] },
});
const pod = (spec: object, container: object): Body => ({
    ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "a" } },
    spec: { containers: [{ name: "a", image: "a:1", ...container }], ...spec },
});
const port = { containerPort: 80 };
const twice = [
    { name: "A", value: "1" },
    { name: "A", value: "2" },
];
const service = (ports: readonly object[]): Body => ({
    ...{ apiVersion: "v1", kind: "Service", metadata: { name: "a" } },
    spec: { selector: { app: "a" }, ports },
});

function shapesOf(objects: Iterable<KubeObject>): readonly string[] {
    const { findings } = check([...objects], settings);
    return findings.filter(({ rule }) => rule === "object-shape").map(({ path, message }) => `${path}: ${message}`);
}

describe("the form of objects", () => {
    const valid: Readonly<Record<string, Body>> = {
        "a RoleBinding whose account has no namespace: it is the binding's": rbac("RoleBinding", {}),
        "a definition with an empty status, as generators write it": {
            ...{ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" },
            metadata: { name: "things.example.com" },
            spec: {
                ...{ group: "example.com", scope: "Namespaced", names: { kind: "Thing", plural: "things" } },
                versions: [
                    { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } },
                ],
            },
            status: { acceptedNames: { kind: "", plural: "" }, conditions: [], storedVersions: [] },
        },
        "a variable and a port twice in a manifest": pod({}, { env: twice, ports: [port, port] }),
        "a Service whose target port is 0: its own port": service([{ name: "http", port: 80, targetPort: 0 }]),
        "a certificate for an address": {
            ...{ apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: { name: "a" } },
            spec: {
                tls: [{ hosts: ["10.0.0.1"], secretName: "a" }],
                defaultBackend: { service: { name: "a", port: { number: 80 } } },
            },
        },
        "a question without a name": {
            ...{ apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview" },
            spec: { resourceAttributes: { verb: "get", resource: "pods" } },
        },
        "a file for another program": {
            ...{ apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources: ["a.yaml"] },
        },
    };
    for (const [title, body] of Object.entries(valid))
        it(`is right: ${title}`, () => {
            expect(shapesOf(fromManifests([body]))).to.deep.equal([]);
        });

    it("depends on the version: 1.36 reads addresses strictly, and lets a Service's name begin with a digit", () => {
        const objects = fromManifests([
            {
                ...{ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "a" } },
                spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: "010.20.1.5/16" } }] }] },
            },
            { ...service([{ port: 80 }]), metadata: { name: "1a" } },
        ]);
        const paths = (kubernetesVersion: string): readonly string[] =>
            check(objects, parseSettings({ parameters: { kubernetesVersion } }, TODAY))
                .findings.filter(({ rule }) => rule === "object-shape")
                .map(({ path }) => path);
        expect(paths("1.35")).to.deep.equal(["metadata.name"]);
        expect(paths("1.36")).to.deep.equal(["spec.ingress[0].from[0].ipBlock.cidr"]);
    });

    it("control: a ClusterRoleBinding's account needs its namespace", () => {
        expect(shapesOf(fromManifests([rbac("ClusterRoleBinding", {})]))).to.deep.equal([
            "subjects[0].namespace: a ServiceAccount needs it",
        ]);
    });

    it("control: a binding's account has the name of one, and a class's parameters one of two scopes", () => {
        expect(shapesOf(fromManifests([rbac("RoleBinding", { name: "a/b" })]))).to.have.length(1);
        const ingressClass = (scope: string): Body => ({
            ...{ apiVersion: "networking.k8s.io/v1", kind: "IngressClass", metadata: { name: "a" } },
            spec: {
                controller: "example.com/a",
                parameters: { kind: "A", name: "a", scope, ...(scope === "Namespace" && { namespace: "a" }) },
            },
        });
        expect(shapesOf(fromManifests(["Cluster", "Namespace"].map(ingressClass)))).to.deep.equal([]);
        expect(shapesOf(fromManifests([ingressClass("cluster")]))).to.deep.equal([
            "spec.parameters.scope: must be Cluster or Namespace",
        ]);
    });

    it("control: what server-side apply refuses is a finding where Pulumi applies it, and a Service's ports always", () => {
        const applied = fromManifests([pod({}, { env: twice })]).map((object) => ({ ...object, urn: "urn:pulumi:a" }));
        expect(shapesOf(applied)).to.have.length(1);
        expect(shapesOf(fromManifests([service([{ port: 80 }, { port: 80 }])]))).to.not.deep.equal([]);
    });

    it("says once that a field is required", () => {
        const body = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a" }, spec: { template: {} } };
        expect(shapesOf(fromManifests([body])).filter((finding) => finding.startsWith("spec.selector"))).to.have.length(
            1,
        );
    });
});
