/** The rights that a deployer needs of what most stacks do not have. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { parseAllDocuments } from "yaml";
import { deployerRoles } from "../../scripts/rbac.ts";
import { objectsOf } from "../../scripts/render/objects.ts";
import { root } from "../support/configuration.ts";
import { runProgram } from "../support/mocks.ts";
import { programOf } from "../support/programs.ts";

interface Rule {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
    readonly resourceNames?: readonly string[];
}

describe("the rights of a deployer", () => {
    it("hold the limits of the namespace, and of the cluster's priority classes the stack's own", async () => {
        const { resources } = await runProgram("production", {
            createNamespace: false,
            quota: { pods: 30 },
            limitRange: { default: { cpu: "1" } },
            imagePullSecret: { registry: "registry.example.com", username: "deployer", password: "s3cr3t" },
        });
        const own = resources.filter(({ type }) => /^kubernetes:(?!helm)/.test(type));
        const objects = (await Promise.all(own.map((resource) => objectsOf(resource, "")))).flat();
        const [cluster, namespace, ...further] = deployerRoles(objects, "deployer").map(
            ({ object }) => object["rules"] as readonly Rule[],
        );
        const of = (rules: readonly Rule[] | undefined, resource: string) =>
            (rules ?? []).filter((rule) => rule.resources.includes(resource));
        expect(further).to.deep.equal([]);
        expect(
            of(cluster, "priorityclasses").map(({ verbs, resourceNames }) => ({ verbs, resourceNames })),
        ).to.deep.equal([
            { verbs: ["create", "list", "watch"], resourceNames: undefined },
            { verbs: ["delete", "get", "patch"], resourceNames: ["tradestream"] },
        ]);
        for (const resource of ["resourcequotas", "limitranges", "secrets"]) {
            expect(of(namespace, resource)[0]?.verbs, resource).to.include.members(["create", "delete", "patch"]);
            expect(of(cluster, resource), resource).to.deep.equal([]);
        }
        // What `npm run status` lists, though this stack has no routes.
        for (const resource of ["gateways", "httproutes"])
            expect(of(namespace, resource)[0]?.verbs, resource).to.deep.equal(["list"]);
    });

    it("let it look for what others make, by name alone", () => {
        const metadata = (name: string) => ({ name, namespace: "logs" });
        const env = [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "elsewhere", key: "token" } } }];
        const volumes = [{ name: "settings", configMap: { name: "settings" } }];
        const spec = { imagePullSecrets: [{ name: "registry" }], containers: [{ name: "agent", env }], volumes };
        const objects = [
            { kind: "DaemonSet", apiVersion: "apps/v1", metadata: metadata("agent"), spec: { template: { spec } } },
            { kind: "ConfigMap", apiVersion: "v1", metadata: metadata("settings") },
        ];
        const rulesOf = (...more: readonly object[]): readonly Rule[] => {
            const documents = [...objects, ...more].map((object) => ({ source: "program", object: { ...object } }));
            return deployerRoles(documents, "deployer")[1]!.object["rules"] as readonly Rule[];
        };
        const ofSecrets = (rules: readonly Rule[]) => rules.filter(({ resources }) => resources.includes("secrets"));
        expect(ofSecrets(rulesOf())).to.deep.equal([
            { apiGroups: [""], resources: ["secrets"], resourceNames: ["elsewhere", "registry"], verbs: ["get"] },
        ]);
        const named = rulesOf().filter(
            ({ resources: [resource], resourceNames }) => resourceNames && resource !== "secrets",
        );
        expect(named.map(({ resources }) => resources[0])).to.deep.equal(["namespaces"]);
        // Who makes Secrets may read them all.
        const own = { kind: "Secret", apiVersion: "v1", metadata: metadata("own") };
        expect(ofSecrets(rulesOf(own)).map(({ resourceNames }) => resourceNames)).to.deep.equal([undefined]);
    });

    it("are, as far as a preview uses them, those that docs/delivery.md gives to previews", async () => {
        const page = readFileSync(path.join(root, "docs/delivery.md"), "utf8");
        const [, yaml = ""] = /```yaml\n([^]*?name: tradestream-previews[^]*?)```/.exec(page)!;
        const given = parseAllDocuments(yaml).flatMap(
            (document) => (document.toJS() as { rules?: Rule[] }).rules ?? [],
        );
        const { resources } = await programOf("production");
        const own = resources.filter(({ type }) => /^kubernetes:(?!helm)/.test(type));
        const objects = (await Promise.all(own.map((resource) => objectsOf(resource, "")))).flat();
        const needed = deployerRoles(objects, "deployer").flatMap(({ object }) => object["rules"] as readonly Rule[]);
        // Logs are read when an update has failed.
        const used = needed.filter(({ resources: [resource] }) => resource !== "pods/log");
        const isGiven = (group: string, resource: string, verb: string, names: readonly string[] = []): boolean =>
            given.some(
                (rule) =>
                    rule.apiGroups.includes(group) &&
                    ["*", resource].some((each) => rule.resources.includes(each)) &&
                    rule.verbs.includes(verb) &&
                    (rule.resourceNames === undefined || names.some((name) => rule.resourceNames!.includes(name))),
            );
        const lacking = used.flatMap(({ apiGroups: [group = ""], resources: [resource = ""], verbs, resourceNames }) =>
            ["get", "create", "patch"]
                .filter((verb) => verbs.includes(verb))
                .filter((verb) => !isGiven(group, resource, verb, resourceNames))
                .map((verb) => `${verb} ${group}/${resource}`),
        );
        expect(used.length).to.be.greaterThan(15);
        expect(lacking).to.deep.equal([]);
    });
});
