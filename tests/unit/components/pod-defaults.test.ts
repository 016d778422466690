/** What all pods of a stack have in common. */
import { expect } from "chai";
import { valueAt } from "../../../config/values.ts";
import { type Program, runProgram } from "../../support/mocks.ts";
import { inputsOf, podTemplates, resource, secretData } from "../../support/objects.ts";
import { mandatoryFindings } from "../../support/policies.ts";

describe("a pull secret from the configuration", () => {
    const name = "tradestream-image-pull-secret";
    const credentials = { registry: "registry.example.com/mirror", username: "deployer", password: "s3cr3t:4711" };
    let program: Program;

    before(async () => {
        program = await runProgram(
            "production",
            { imagePullSecrets: ["regcred"], imagePullSecret: credentials },
            { encrypted: ["imagePullSecret"] },
        );
    });

    it("is a Secret of the type that the kubelet reads, encrypted wherever Pulumi keeps it", () => {
        const { registry, username, password } = credentials;
        const auth = Buffer.from("deployer:s3cr3t:4711").toString("base64");
        expect(inputsOf(program, "Secret", name)["type"]).to.equal("kubernetes.io/dockerconfigjson");
        expect(JSON.parse(secretData(program, name)[".dockerconfigjson"]!)).to.deep.equal({
            auths: { [registry]: { username, password, auth } },
        });
        expect(resource(program, "pod-defaults-image-pull-secret").secretPaths).to.deep.equal(["data"]);
        expect(program.warnings.join("\n")).to.not.include("imagePullSecret");
    });

    it("is what all pods pull with, beside the Secrets that exist already, and the chart's pods too", () => {
        const pods = podTemplates(program);
        expect(pods).to.have.length(4);
        for (const { owner, template } of pods)
            expect(template["spec"]!["imagePullSecrets"], owner.name).to.deep.equal([{ name: "regcred" }, { name }]);
        for (const service of ["postgresql", "redis"])
            expect(
                valueAt(resource(program, "chart", "Release").inputs, ["values", service, "image", "pullSecrets"]),
            ).to.deep.equal(["regcred", name]);
    });

    it("is there before the first pod is", () => {
        for (const object of ["gateway-api-deployment", "database-migration-job", "chart"])
            expect(resource(program, object, ":").dependencies, object).to.include("pod-defaults-image-pull-secret");
    });

    it("is under the address that the kubelet looks up for Docker Hub", async () => {
        const hub = await runProgram("staging", { imagePullSecret: { ...credentials, registry: "docker.io" } });
        expect(JSON.parse(secretData(hub, name)[".dockerconfigjson"]!))
            .to.have.nested.property("auths")
            .that.has.keys("https://index.docker.io/v1/");
        expect(hub.warnings.join("\n")).to.include("plain text: ").and.to.include("imagePullSecret");
    });

    it("breaks no mandatory policy", async () => {
        expect(mandatoryFindings("production", program)).to.deep.equal(
            mandatoryFindings("production", await runProgram("production")),
        );
    });
});
