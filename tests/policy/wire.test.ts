import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";

import { createReport } from "../../local/report.ts";
import { ensureTools } from "../../local/tools/index.ts";
import { PACK, PackProcess, secretOnTheWire, toResource, UNKNOWN_ON_THE_WIRE, urnOf } from "./analyzer.ts";
import type { Diagnostic, WireResource } from "./analyzer.ts";
import { goodStack, pick, set, type Body } from "./stack.ts";

const IMAGE = ["spec", "template", "spec", "containers", 0, "image"] as const;
const SECRET = "hunter2-under-the-wire";

/** Rule and level of each violation. */
function brief(found: readonly Diagnostic[]): readonly string[] {
    return found.map(
        ({ policyname, enforcementlevel }) => `${policyname} ${enforcementlevel === 1 ? "mandatory" : "advisory"}`,
    );
}

/** The good Deployment, with the processes of its node. */
function broken(): Body {
    const body = pick(goodStack(), "Deployment");
    set(body, ["spec", "template", "spec", "hostPID"], true);
    return body;
}

describe("the pack over the wire", function () {
    this.timeout(120_000);
    let pack: PackProcess;
    let helm: string;
    const project = mkdtempSync(path.join(os.tmpdir(), "policy-pack-"));

    before(async () => {
        ({ helm } = await ensureTools(["helm"], createReport()));
        writeChart(path.join(project, "chart"));
        pack = await PackProcess.start(PACK, { HELM: helm, PWD: project });
        await pack.configureStack();
    });
    beforeEach(() => pack.configure("kubernetes", {}));
    after(async () => {
        await pack?.stop();
        rmSync(project, { recursive: true, force: true });
    });

    it("tells its name, version and configuration", async () => {
        const info = await pack.info();
        expect(info["name"]).to.equal("tradestream-policy-pack");
        expect(info["version"]).to.match(/^\d+\.\d+\.\d+$/);
        const policies = info["policiesList"] as readonly { name: string; configschema: unknown }[];
        expect(policies.map(({ name }) => name)).to.deep.equal(["kubernetes"]);
        expect(JSON.stringify(policies[0]?.configschema)).to.include("minimumReplicas");
    });

    it("has nothing against a good stack", async () => {
        const resources = goodStack().map((body) => toResource(body, true));
        for (const resource of resources) expect(brief(await pack.analyze(resource)), resource.name).to.deep.equal([]);
        expect(brief(await pack.analyzeStack(resources))).to.deep.equal([]);
    });

    it("refuses a resource under the rule's name, with the path and without the value", async () => {
        const body = pick(goodStack(), "Deployment");
        set(body, IMAGE, "ghcr.io/acme/api:latest");
        const [violation, ...rest] = await pack.analyze(toResource(body));
        expect(brief(rest)).to.deep.equal(["image-pull-policy mandatory"]);
        expect(violation).to.include({ policyname: "image-tag", enforcementlevel: 1, urn: urnOf(toResource(body)) });
        expect(violation?.message).to.include("spec.template.spec.containers[0].image");
        expect(violation?.message).to.not.include("ghcr.io");
    });

    it("says nothing of other providers' resources and of patches", async () => {
        const foreign = { type: "random:index/randomPassword:RandomPassword", name: "x", properties: { length: 8 } };
        const patch = {
            ...toResource(pick(goodStack(), "Deployment")),
            type: "kubernetes:apps/v1:DeploymentPatch",
            properties: {},
        };
        expect(await pack.analyze(foreign)).to.deep.equal([]);
        expect(await pack.analyze(patch)).to.deep.equal([]);
    });

    it("checks all that it can of a resource with unknown values, and lists the rest", async () => {
        const body = pick(goodStack(), "Deployment");
        set(body, IMAGE, UNKNOWN_ON_THE_WIRE.string);
        set(body, ["spec", "template", "spec", "hostPID"], true);
        set(body, ["metadata", "labels"], UNKNOWN_ON_THE_WIRE.object);
        set(body, ["spec", "template", "spec", "volumes"], UNKNOWN_ON_THE_WIRE.array);
        const deployment = toResource(body);
        expect(brief(await pack.analyze(deployment))).to.deep.equal(["host-namespaces mandatory"]);
        const listed = (await pack.analyzeStack([deployment])).find(
            ({ policyname }) => policyname === "unknown-values",
        );
        expect(listed?.enforcementlevel).to.equal(0);
        expect(listed?.message).to.match(
            /^Stack production: some values are not known before the update, so that .*image-tag could not check all of Deployment api;/,
        );
        await pack.configure("kubernetes", { rules: { "unknown-values": "mandatory" } });
        const strict = await pack.analyze(deployment);
        expect(brief(strict)).to.deep.equal(["host-namespaces mandatory", "unknown-values mandatory"]);
        expect(strict[1]?.message).to.include(IMAGE.join(".").replace(".0.", "[0]."));
        expect(strict[1]?.message).to.include("spec.template.spec.volumes");
    });

    it("sees into secrets and gives none of them away", async () => {
        const body = pick(goodStack(), "Deployment");
        const variable = { name: "DB_PASSWORD", value: secretOnTheWire(SECRET) };
        set(body, ["spec", "template", "spec", "containers", 0, "env"], secretOnTheWire([variable]));
        const found = await pack.analyze(toResource(body));
        expect(brief(found)).to.deep.equal(["secret-in-env mandatory"]);
        expect(JSON.stringify(found)).to.not.include(SECRET);
    });

    it("checks relations by inputs, whatever defaults the server has added by then", async () => {
        const resources = goodStack().map((body) => toResource(body, true));
        for (const resource of resources) await pack.analyze(resource);
        const outputs: WireResource[] = structuredClone(resources);
        set(outputs.find(({ type }) => type.endsWith(":Deployment"))?.properties, ["spec", "replicas"], 1);
        expect(brief(await pack.analyzeStack(outputs))).to.deep.equal([]);
    });

    it("refuses broken relations, at the resource that has to change", async () => {
        const stack = goodStack();
        // The autoscaler's minimum, but nothing in the options says that updates leave it alone.
        set(pick(stack, "Deployment"), ["spec", "replicas"], 2);
        const resources = stack.map((body) => toResource(body, true));
        for (const resource of resources) await pack.analyze(resource);
        const [violation, ...rest] = await pack.analyzeStack(resources);
        expect(rest).to.deep.equal([]);
        expect(violation).to.include({ policyname: "autoscaler-replicas", enforcementlevel: 1 });
        expect(violation?.urn).to.equal(urnOf({ type: "kubernetes:apps/v1:Deployment", name: "api" }));
    });

    it("forgets resources that the stack no longer has at its end", async () => {
        const resources = goodStack().map((body) => toResource(body, true));
        for (const resource of resources) await pack.analyze(resource);
        const left = resources.filter(({ type }) => !type.endsWith(":PodDisruptionBudget"));
        expect(brief(await pack.analyzeStack(left))).to.deep.equal(["disruption-budget mandatory"]);
    });

    it("takes levels, presets, parameters and exemptions", async () => {
        const body = pick(goodStack(), "Deployment");
        set(body, IMAGE, "ghcr.io/acme/api:latest");
        const found = async (config: unknown, level?: "advisory" | "disabled"): Promise<readonly string[]> => {
            await pack.configure("kubernetes", config, level);
            return brief(await pack.analyze(toResource(body)));
        };
        expect(await found({ rules: { "image-pull-policy": "disabled" } })).to.deep.equal(["image-tag mandatory"]);
        expect(await found({ preset: "baseline" })).to.deep.equal([
            "image-tag mandatory",
            "image-pull-policy advisory",
        ]);
        expect(await found({ parameters: { registries: ["quay.io"] } })).to.include("image-registry mandatory");
        const exemptions = ["image-tag", "image-pull-policy"].map((rule) => ({
            rule,
            name: "api",
            reason: "It is only a test.",
        }));
        expect(await found({ exemptions })).to.deep.equal([]);
        expect(await found({}, "advisory")).to.deep.equal(["image-tag advisory", "image-pull-policy advisory"]);
        expect(await found({}, "disabled")).to.deep.equal([]);
    });

    it("takes what a stack has of its own", async () => {
        const part = { reason: "It is only a test.", rules: { "host-namespaces": "disabled" } };
        await pack.configure("kubernetes", { stacks: { staging: part } });
        expect(brief(await pack.analyze(toResource(broken())))).to.deep.equal(["host-namespaces mandatory"]);
        await pack.configure("kubernetes", { stacks: { production: part } });
        expect(await pack.analyze(toResource(broken()))).to.deep.equal([]);
    });

    it("takes what the environment of the stack has of its own, whatever the stack is called", async () => {
        const part = { reason: "It is only a test.", rules: { "host-namespaces": "disabled" } };
        writeFileSync(path.join(project, "Pulumi.yaml"), "name: shop");
        writeFileSync(path.join(project, "Pulumi.production.yaml"), "config: { 'shop:environment': test }");
        await pack.configure("kubernetes", { environments: { production: part } });
        expect(brief(await pack.analyze(toResource(broken())))).to.deep.equal(["host-namespaces mandatory"]);
        await pack.configure("kubernetes", { environments: { test: part } });
        expect(await pack.analyze(toResource(broken()))).to.deep.equal([]);
        rmSync(path.join(project, "Pulumi.production.yaml"));
        await pack.configure("kubernetes", { environments: { test: { ...part, preset: "strict" } } });
        expect(brief(await pack.analyze(toResource(broken())))).to.deep.equal(["host-namespaces mandatory"]);
    });

    it("stops the run at a wrong configuration, with every error", async () => {
        await pack.configure("kubernetes", { rules: { "image-tags": "disabled" } });
        const error = await pack.analyze(toResource(pick(goodStack(), "Service"))).then(
            () => "",
            (failure: Error) => failure.message,
        );
        expect(error).to.include('there is no rule "image-tags"; did you mean "image-tag"?');
    });

    it("fixes nothing by itself", async () => {
        expect(await pack.remediate(toResource(broken()))).to.deep.equal([]);
    });

    it("checks the objects inside a Helm release, from the program's directory", async () => {
        const found = await pack.analyze(release({ image: "nginx:latest" }));
        expect(brief(found)).to.include("image-tag mandatory");
        const violation = found.find(({ policyname }) => policyname === "image-tag");
        expect(violation?.message).to.include("Deployment shop/inner (of release shop)");
        expect(violation?.urn).to.equal(urnOf(release({})));
        expect(brief(await pack.analyze(release({ image: "nginx:1" })))).to.not.include("image-tag mandatory");
    });

    it("checks what it can of a chart with unknown and secret values", async () => {
        const values = { image: UNKNOWN_ON_THE_WIRE.string, password: secretOnTheWire(SECRET) };
        const found = await pack.analyze(release(values));
        expect(brief(found)).to.include.members(["secret-in-env mandatory", "liveness-probe mandatory"]);
        expect(brief(await pack.analyzeStack([release(values)]))).to.include("unknown-values advisory");
        expect(brief(found)).to.not.include("image-tag mandatory");
        expect(JSON.stringify(found)).to.not.include(SECRET);
    });

    it("relates the objects inside a release to the others", async () => {
        const resources = [release({ image: "nginx:1" }), toResource(pick(goodStack(), "Namespace"), true)];
        for (const resource of resources) await pack.analyze(resource);
        expect(brief(await pack.analyzeStack(resources))).to.include("network-isolation mandatory");
    });

    it("refuses a Release that it cannot see into, and does not say what its values are", async () => {
        for (const [values, chart] of [
            [{ fail: SECRET }, "./chart"],
            [{}, "./no-such-chart"],
        ] as const) {
            const found = (await pack.analyze(release(values, chart))).filter(
                ({ policyname }) => policyname === "release-render",
            );
            expect(brief(found)).to.deep.equal(["release-render mandatory"]);
            expect(JSON.stringify(found)).to.not.include(SECRET);
        }
    });

    it("fails loudly where helm is missing", async () => {
        const blind = await PackProcess.start(PACK, { HELM: "/nowhere/helm", PWD: project });
        try {
            const [violation] = (await blind.analyze(release({}))).filter(
                ({ policyname }) => policyname === "release-render",
            );
            expect(violation?.enforcementlevel).to.equal(1);
            expect(violation?.message).to.include('there is no helm program (looked for "/nowhere/helm")');
        } finally {
            await blind.stop();
        }
    });

    it("works as a copy in somebody else's project", async () => {
        const copy = path.join(project, "elsewhere", "policies");
        cpSync(PACK, copy, { recursive: true });
        symlinkSync(path.resolve(PACK, "../node_modules"), path.join(project, "elsewhere", "node_modules"));
        // Theirs, though it is called as one of ours.
        mkdirSync(path.join(project, "elsewhere", "start"));
        writeFileSync(path.join(project, "elsewhere", "start", "index.js"), "throw new Error('run by a stranger');");
        const other = await PackProcess.start(copy);
        try {
            expect(brief(await other.analyze(toResource(broken())))).to.deep.equal(["host-namespaces mandatory"]);
        } finally {
            await other.stop();
        }
    });
});

function release(values: unknown, chart = "./chart"): WireResource {
    const properties = { chart, name: "shop", namespace: "shop", atomic: true, timeout: 600, maxHistory: 10, values };
    return { type: "kubernetes:helm.sh/v3:Release", name: "shop", properties, protect: true };
}

function writeChart(directory: string): void {
    mkdirSync(path.join(directory, "templates"), { recursive: true });
    writeFileSync(path.join(directory, "Chart.yaml"), "apiVersion: v2\nname: chart\nversion: 1.0.0\n");
    writeFileSync(path.join(directory, "values.yaml"), 'image: nginx:1\npassword: ""\nfail: ""\n');
    writeFileSync(
        path.join(directory, "templates", "all.yaml"),
        `{{- if .Values.fail }}{{ fail .Values.fail }}{{ end }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: inner
spec:
  selector: { matchLabels: { app: inner } }
  template:
    metadata: { labels: { app: inner } }
    spec:
      containers:
        - name: main
          image: {{ .Values.image }}
          env: [{ name: PASSWORD, value: {{ .Values.password | quote }} }]
`,
    );
}
