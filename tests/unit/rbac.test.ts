/** The rights that a deployer needs for kinds that no stack of this repository has by itself. */
import { expect } from "chai";
import { deployerRoles } from "../../scripts/rbac.ts";
import { objectsOf } from "../../scripts/render/objects.ts";
import { runProgram } from "../support/mocks.ts";

interface Rule {
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
    readonly resourceNames?: readonly string[];
}

describe("the rights of a deployer", () => {
    it("hold the limits of the namespace, and of the cluster's priority classes the stack's own", async () => {
        const { resources } = await runProgram("production", {
            createNamespace: false,
            priorityClassName: "tradestream",
            priorityClassValue: 1000,
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
});
