import { expect } from "chai";

import { check, checkObject, checkStack, formatFinding } from "../../policy-pack/check.ts";
import { fromManifests, type KubeObject } from "../../policy-pack/model/object.ts";
import { UNKNOWN } from "../../policy-pack/model/unknown.ts";
import { PARAMETERS } from "../../policy-pack/schema.ts";
import { parseSettings, presetLevels, SettingsError, type Settings } from "../../policy-pack/settings.ts";
import { type Body, goodStack, reportOn, parsePath, pick, set, TODAY } from "./stack.ts";

const strict = parseSettings({ preset: "strict" }, TODAY);

/** The good stack's Deployment with one change. */
function changed(path: string, value: unknown): unknown[] {
    const stack = goodStack();
    set(pick(stack, "Deployment"), parsePath(path), value);
    return stack;
}

describe("unknown values", () => {
    const listed = (path: string): readonly string[] =>
        reportOn(changed(path, UNKNOWN), {}).findings.map(({ rule, level, message }) => `${level} ${rule}: ${message}`);

    it("are listed with the rules that wait for them, and break nothing", () => {
        expect(listed("spec.template.spec.containers[0].image")).to.deep.equal([
            "advisory unknown-values: not known before the update, so that image-tag and image-pull-policy could not check " +
                "all of it: spec.template.spec.containers[0].image",
        ]);
    });

    it("leave the other fields of the object to be checked", () => {
        const stack = changed("spec.template.spec.containers[0].image", UNKNOWN);
        set(
            pick(stack as never, "Deployment"),
            parsePath("spec.template.spec.initContainers[0].image"),
            "nginx:latest",
        );
        const rules = reportOn(stack, {}).findings.map(({ rule, path }) => `${rule} ${path}`);
        expect(rules).to.include("image-tag spec.template.spec.initContainers[0].image");
    });

    for (const path of [
        "spec",
        "spec.template.spec",
        "spec.template.spec.containers",
        "spec.template.spec.containers[0]",
        "spec.template.spec.containers[0].securityContext",
        "spec.template.spec.securityContext",
        "spec.template.metadata.labels",
        "spec.selector",
        "metadata.labels",
    ])
        it(`are no breach where a whole part is unknown: ${path}`, () => {
            const found = reportOn(changed(path, UNKNOWN)).findings.filter(({ level }) => level === "mandatory");
            expect(found.map(({ rule, path: at }) => `${rule} ${at}`)).to.deep.equal([]);
        });

    it("can be made a refusal", () => {
        const found = reportOn(changed("spec.template.spec.containers[0].image", UNKNOWN), {
            rules: { "unknown-values": "mandatory" },
        });
        expect(found.findings.map(({ rule, level }) => [rule, level])).to.deep.equal([["unknown-values", "mandatory"]]);
    });
});

describe("exemptions", () => {
    const broken = (): unknown[] => changed("spec.template.spec.hostNetwork", true);
    const exempt = (exemption: object): unknown => ({
        exemptions: [{ rule: "host-namespaces", reason: "It measures the node's network.", ...exemption }],
    });
    const rules = (config: unknown): readonly string[] => reportOn(broken(), config).findings.map(({ rule }) => rule);

    it("let the objects pass that they fit", () => {
        expect(rules({})).to.deep.equal(["host-namespaces"]);
        for (const fitting of [{}, { kind: "Deployment", namespace: "sh*", name: "*" }, { path: "*.hostNetwork" }])
            expect(rules(exempt(fitting))).to.deep.equal([]);
        const report = reportOn(broken(), exempt({}));
        expect(report.exempted.map(({ exemption }) => exemption.reason)).to.deep.equal([
            "It measures the node's network.",
        ]);
    });

    it("let nothing else pass, and are reported as not needed", () => {
        for (const other of [
            { kind: "Pod" },
            { namespace: "x*" },
            { name: "apis" },
            { release: "x" },
            { path: "metadata*" },
        ])
            expect(rules(exempt(other))).to.deep.equal(["host-namespaces", "exemptions"]);
    });

    it("end after their last day, which is reported", () => {
        expect(rules(exempt({ expires: TODAY }))).to.deep.equal([]);
        expect(rules(exempt({ expires: "2026-11-20" }))).to.deep.equal(["host-namespaces", "exemptions"]);
        const [, report] = reportOn(broken(), exempt({ expires: "2026-11-20" })).findings;
        expect(report?.message).to.equal(
            "this exemption from host-namespaces has expired and lets nothing pass any more",
        );
        expect(report?.path).to.equal("exemptions[0].expires");
    });

    it("are no burden where their rule is off", () => {
        const config = { ...(exempt({}) as object), rules: { "host-namespaces": "disabled" } };
        expect(rules(config)).to.deep.equal([]);
    });
});

describe("the configuration", () => {
    const errorsOf = (config: unknown): readonly string[] => {
        try {
            parseSettings(config, TODAY);
            return [];
        } catch (error) {
            if (error instanceof SettingsError) return error.errors;
            throw error;
        }
    };

    it("has the preset recommended and the documented defaults when nothing is given", () => {
        const settings = parseSettings(undefined, TODAY);
        expect(settings.levels.get("labels")).to.equal("advisory");
        for (const [name, schema] of Object.entries(PARAMETERS))
            expect(settings.parameters).to.have.property(name).that.deep.equals(schema.default);
    });

    it("changes single levels and parameters", () => {
        const settings = parseSettings(
            { preset: "baseline", rules: { labels: "mandatory" }, parameters: { issuers: ["a"] } },
            TODAY,
        );
        expect(settings.levels.get("labels")).to.equal("mandatory");
        expect(settings.levels.get("user-id")).to.equal("disabled");
        expect(settings.parameters.issuers).to.deep.equal(["a"]);
    });

    it("names every error at once, with its path", () => {
        const config = {
            preset: "hard",
            levels: {},
            rules: { "image-tag": "off" },
            parameters: { minimumReplicas: 0, issuers: "a", kubernetesVersion: "v1.36", minimumReplica: 2 },
            exemptions: [{ rule: "image-tag", reason: "short" }, { reason: "no rule at all is named" }],
        };
        expect(errorsOf(config)).to.deep.equal([
            "preset: must be one of baseline, recommended, strict",
            "levels: is not known; known are preset, rules, parameters, exemptions, environments, stacks",
            "rules.image-tag: must be one of disabled, advisory, mandatory",
            "parameters.minimumReplicas: must be at least 1",
            "parameters.issuers: must be of type array",
            "parameters.kubernetesVersion: must fit ^1\\.\\d+$",
            "parameters.minimumReplica: is not known; known are " + Object.keys(PARAMETERS).join(", "),
            "exemptions[0].reason: must have at least 10 characters",
            "exemptions[1]: rule is missing",
        ]);
        expect(errorsOf("strict")).to.deep.equal(["the configuration: must be of type object"]);
    });

    it("refuses ports of nodes that are no range", () => {
        for (const nodePorts of ["0-32767", "32767-30000", "30000-70000"])
            expect(errorsOf({ parameters: { nodePorts } }), nodePorts).to.deep.equal([
                "parameters.nodePorts: must be two ports from 1 to 65535, the lower one first, such as 30000-32767",
            ]);
        expect(parseSettings({ parameters: { nodePorts: "30000-30000" } }, TODAY).parameters.nodePorts).to.equal(
            "30000-30000",
        );
    });

    it("refuses the end of an exemption on a day that no month has, in every part", () => {
        const exemption = { rule: "labels", reason: "It is replaced soon." };
        for (const expires of ["2026-02-31", "2027-02-29", "2026-13-01", "2026-00-10", "2026-12-00"])
            expect(
                errorsOf({
                    exemptions: [{ ...exemption, expires: "2028-02-29" }],
                    stacks: { eu: { reason: "It is older.", exemptions: [{ ...exemption, expires }] } },
                }),
                expires,
            ).to.deep.equal([
                `stacks.eu.exemptions[0].expires: is ${expires}, which no month has; must be a day such as 2027-01-31`,
            ]);
    });

    it("proposes the rule that was meant", () => {
        const exemptions = [{ rule: "zzzzzzzzzzzzzzzzz", reason: "for no good reason" }];
        expect(errorsOf({ rules: { "image-tags": "disabled" }, exemptions })).to.deep.equal([
            'rules: there is no rule "image-tags"; did you mean "image-tag"?',
            'exemptions[0].rule: there is no rule "zzzzzzzzzzzzzzzzz"',
        ]);
    });

    describe("of one stack", () => {
        const reason = "It is only a test.";
        const part = {
            reason,
            preset: "baseline",
            rules: { labels: "mandatory" },
            parameters: { minimumReplicas: 1 },
            exemptions: [{ rule: "user-id", reason }],
        };
        const config = {
            preset: "strict",
            rules: { labels: "disabled", "job-ttl": "disabled" },
            parameters: { minimumReplicas: 3, issuers: ["a"] },
            exemptions: [{ rule: "group-id", reason }],
            environments: { staging: part },
        };

        it("wins over that of all, and leaves the other environments alone, whatever a stack is called", () => {
            const all = parseSettings(config, TODAY, { environment: "production", stack: "eu" });
            const own = parseSettings(config, TODAY, { environment: "staging", stack: "production" });
            const levels = (settings: Settings): unknown =>
                ["labels", "job-ttl", "service-account"].map((rule) => settings.levels.get(rule));
            expect(levels(all)).to.deep.equal(["disabled", "disabled", presetLevels("strict").get("service-account")]);
            expect(levels(own)).to.deep.equal([
                "mandatory",
                "disabled",
                presetLevels("baseline").get("service-account"),
            ]);
            expect([all.parameters.minimumReplicas, own.parameters.minimumReplicas]).to.deep.equal([3, 1]);
            expect(own.parameters.issuers).to.deep.equal(["a"]);
            expect(all.exemptions.map(({ place }) => place)).to.deep.equal(["exemptions[0]"]);
            expect(own.exemptions.map(({ place }) => place)).to.deep.equal([
                "exemptions[0]",
                "environments.staging.exemptions[0]",
            ]);
        });

        it("yields to that of the stack", () => {
            const stacks = { "staging-eu": { reason, rules: { labels: "advisory" }, exemptions: [] } };
            const settings = parseSettings({ ...config, stacks }, TODAY, {
                environment: "staging",
                stack: "staging-eu",
            });
            expect(settings.levels.get("labels")).to.equal("advisory");
            expect(settings.parameters.minimumReplicas).to.equal(1);
            const other = parseSettings({ ...config, stacks }, TODAY, { environment: "staging", stack: "staging" });
            expect(other.levels.get("labels")).to.equal("mandatory");
        });

        it("yields to what the call says", () => {
            const { levels } = parseSettings(
                config,
                TODAY,
                { environment: "staging" },
                { rules: { labels: "advisory" } },
            );
            expect(levels.get("labels")).to.equal("advisory");
        });

        it("needs a reason, and is checked for every stack", () => {
            expect(
                errorsOf({
                    environments: { a: { rules: { labels: "off" } } },
                    stacks: { b: { reason, exemption: [] } },
                }),
            ).to.deep.equal([
                "environments.a: reason is missing",
                "environments.a.rules.labels: must be one of disabled, advisory, mandatory",
                "stacks.b.exemption: is not known; known are preset, rules, parameters, exemptions, reason",
            ]);
            expect(errorsOf({ stacks: { a: { reason, rules: { label: "disabled" } } } })).to.deep.equal([
                'stacks.a.rules: there is no rule "label"; did you mean "labels"?',
            ]);
        });
    });
});

describe("what only Pulumi knows", () => {
    const object = (kind: string, apiVersion: string, rest: Partial<KubeObject>): KubeObject => ({
        apiVersion,
        kind,
        name: "shop",
        body: {},
        ...rest,
    });
    const unprotected = (objects: readonly KubeObject[]): readonly string[] =>
        checkStack(objects, strict)
            .findings.filter(({ rule }) => rule === "stateful-protected")
            .map((finding) => `${finding.object.kind} ${finding.object.name}`);
    const claims = { spec: { volumeClaimTemplates: [{ metadata: { name: "data" } }] } };

    it("is the name that the provider has made up for a release", () => {
        const named = (name: string): number => {
            const urn = "urn:pulumi:production::shop::kubernetes:helm.sh/v3:Release::Shop";
            const release = object("Release", "helm.sh/v3", { urn, body: { chart: "./chart", name } });
            return checkObject(release, strict).findings.filter(({ rule }) => rule === "release-name").length;
        };
        expect([named("Shop-0a1b2c3d"), named("shop-0a1b2c3d")]).to.deep.equal([1, 1]);
        expect([named("shop"), named("shop-abc"), named("store-0a1b2c3d")]).to.deep.equal([0, 0, 0]);
    });

    it("is whether what holds data is protected", () => {
        const set = object("StatefulSet", "apps/v1", { namespace: "shop", body: claims });
        const claim = object("PersistentVolumeClaim", "v1", { namespace: "shop" });
        const space = object("Namespace", "v1", { protect: false });
        expect(unprotected([{ ...set, protect: false }])).to.deep.equal(["StatefulSet shop"]);
        expect(unprotected([{ ...claim, protect: false }])).to.deep.equal(["PersistentVolumeClaim shop"]);
        expect(unprotected([{ ...set, protect: true }, space])).to.deep.equal(["Namespace shop"]);
        expect(unprotected([{ ...set, body: {}, protect: false }, claim, { ...space, protect: true }])).to.deep.equal(
            [],
        );
        expect(unprotected([space])).to.deep.equal([]);
    });

    it("is whether a Release is protected whose chart holds data", () => {
        const release = object("Release", "helm.sh/v3", { namespace: "shop", protect: false });
        const set = object("StatefulSet", "apps/v1", { namespace: "shop", body: claims, release: "shop" });
        expect(unprotected([release, set])).to.deep.equal(["Release shop"]);
        expect(unprotected([{ ...release, protect: true }, set])).to.deep.equal([]);
        expect(unprotected([release, { ...set, release: "other" }])).to.deep.equal([]);
    });

    it("is whether a secret among a Release's values is marked as one", () => {
        const values = { auth: { password: "hunter2x", user: "shop" }, list: [{ token: "hunter2x" }] };
        const found = (secretPaths?: readonly string[]): readonly string[] =>
            checkObject(
                object("Release", "helm.sh/v3", {
                    body: { values },
                    ...(secretPaths === undefined ? {} : { secretPaths }),
                }),
                strict,
            )
                .findings.filter(({ rule }) => rule === "secret-in-release-values")
                .map(({ path }) => path);
        expect(found([])).to.deep.equal(["values.auth.password", "values.list[0].token"]);
        expect(found(["values.auth", "values.list[0].token"])).to.deep.equal([]);
        expect(found()).to.deep.equal([]);
    });
});

describe("a check", () => {
    it("leaves custom resources alone that share a kind's name", () => {
        const custom = {
            apiVersion: "networking.acme.io/v1",
            kind: "Service",
            metadata: { name: "api", namespace: "shop" },
            spec: { type: "NodePort", externalIPs: ["192.0.2.1"] },
        };
        expect(reportOn([custom]).findings).to.deep.equal([]);
    });

    for (const [apiVersion, kind, at] of [
        ["argoproj.io/v1alpha1", "Rollout", "spec.template"],
        ["serving.knative.dev/v1", "Service", "spec.template"],
        ["acme.io/v1", "NightlyTask", "spec.jobTemplate.spec.template"],
        ["keda.sh/v1alpha1", "ScaledJob", "spec.jobTargetRef.template"],
    ] as const)
        it(`checks the pods of a ${kind} of ${apiVersion}, and lets selectors see them`, () => {
            const stack = goodStack();
            const deployment = pick(stack, "Deployment");
            const { template } = deployment["spec"] as { template: Body };
            const spec = at
                .split(".")
                .slice(1)
                .reduceRight<Body>((below, key) => ({ [key]: below }), template);
            Object.assign(deployment, { apiVersion, kind, spec });
            const good = stack.filter((body) => body["kind"] !== "HorizontalPodAutoscaler");
            expect(reportOn(good, {}).findings.map(formatFinding)).to.deep.equal([]);
            set(template, ["spec", "containers", 0, "image"], "nginx:latest");
            const found = reportOn(good, {}).findings.map(({ rule, path }) => [rule, path]);
            expect(found).to.deep.include(["image-tag", `${at}.spec.containers[0].image`]);
        });

    for (const [kind, at] of [
        ["WorkflowTemplate", "spec"],
        ["CronWorkflow", "spec.workflowSpec"],
    ] as const)
        it(`checks the steps of a ${kind} of Argo, with what the workflow says about their pods`, () => {
            const { template } = pick(goodStack(), "Job")["spec"] as { template: { spec: Body; metadata: Body } };
            const { containers, ...pod } = template.spec as { containers: readonly Body[] };
            const spec = {
                ...pod,
                podMetadata: template.metadata,
                templates: [{ name: "main", container: containers[0] }],
            };
            const metadata = { name: "nightly", namespace: "shop", labels: template.metadata["labels"] };
            const body = { apiVersion: "argoproj.io/v1alpha1", kind, metadata, spec: {} };
            set(body, at.split("."), spec);
            const rules = (): readonly string[] =>
                reportOn([...goodStack(), body], {})
                    .findings.filter(({ object }) => object.body === body)
                    .map(({ rule, path }) => `${rule} ${path}`);
            expect(rules()).to.deep.equal([]);
            set(body, [...at.split("."), "templates", 0, "container", "image"], "nginx:latest");
            set(body, [...at.split("."), "hostNetwork"], true);
            expect(rules()).to.include.members([
                `image-tag ${at}.templates[0].container.image`,
                `host-namespaces ${at}.hostNetwork`,
            ]);
        });

    const step = { name: "build", image: "$(params.builder)", script: "TOKEN=$(cat /token)\ncurl -H $TOKEN" };
    for (const [kind, at, spec] of [
        ["Task", "spec", { steps: [step] }],
        ["ClusterTask", "spec", { steps: [step] }],
        ["TaskRun", "spec.taskSpec", { taskSpec: { steps: [step] } }],
        ["Pipeline", "spec.tasks[0].taskSpec", { tasks: [{ name: "a", taskSpec: { steps: [step] } }] }],
        ["Pipeline", "spec.finally[0].taskSpec", { finally: [{ name: "a", taskSpec: { steps: [step] } }] }],
        [
            "PipelineRun",
            "spec.pipelineSpec.tasks[0].taskSpec",
            { pipelineSpec: { tasks: [{ taskSpec: { steps: [step] } }] } },
        ],
    ] as const)
        it(`checks the steps below ${at} of a ${kind} of Tekton by what they say, not by what runs give`, () => {
            const metadata = { name: "build", namespace: "shop" };
            const body = structuredClone({ apiVersion: "tekton.dev/v1", kind, metadata, spec }) as unknown as Body;
            const rules = (): readonly string[] =>
                reportOn([...goodStack(), body], {})
                    .findings.filter(({ object }) => object.body === body)
                    .map(({ rule, path }) => `${rule} ${path}`);
            expect(rules()).to.deep.equal([]);
            const keys = parsePath(at);
            set(body, [...keys, "steps", 0, "image"], "golang:latest");
            set(body, [...keys, "steps", 0, "securityContext"], { privileged: true });
            set(body, [...keys, "steps", 0, "script"], "DB_PASSWORD=hunter2hunter2 ./build");
            set(body, [...keys, "stepTemplate"], { env: [{ name: "API_KEY", value: "hunter2hunter2" }] });
            set(body, [...keys, "sidecars"], [{ name: "docker", image: "docker" }]);
            set(body, [...keys, "volumes"], [{ name: "run", hostPath: { path: "/var/run/docker.sock" } }]);
            expect(rules()).to.have.members([
                `image-tag ${at}.steps[0].image`,
                `image-tag ${at}.sidecars[0].image`,
                `privileged ${at}.steps[0].securityContext.privileged`,
                `secret-in-args ${at}.steps[0].script`,
                `secret-in-env ${at}.stepTemplate.env[0].value`,
                `host-path ${at}.volumes[0].hostPath`,
                `runtime-socket ${at}.volumes[0].hostPath.path`,
            ]);
        });

    it("checks the one step of a StepAction of Tekton, and no step of another group's kind", () => {
        const rules = (apiVersion: string, spec: Body): readonly string[] =>
            reportOn([{ apiVersion, kind: "StepAction", metadata: { name: "build", namespace: "shop" }, spec }], {})
                .findings.filter(({ rule }) => rule !== "unstable-api")
                .map(({ rule, path, message }) => `${rule} ${path}: ${message}`);
        const good = { image: "$(params.builder)", script: "./build", env: [{ name: "MODE", value: "quiet" }] };
        expect(rules("tekton.dev/v1beta1", good)).to.deep.equal([]);
        const bad = {
            image: "golang:latest",
            securityContext: { privileged: true },
            script: "DB_PASSWORD=hunter2hunter2 ./build",
            env: [{ name: "API_KEY", value: "hunter2hunter2" }],
        };
        expect(rules("tekton.dev/v1beta1", bad).map((line) => line.split(":")[0])).to.have.members([
            "image-tag spec.image",
            "privileged spec.securityContext.privileged",
            "secret-in-args spec.script",
            "secret-in-env spec.env[0].value",
        ]);
        expect(rules("tekton.dev/v1beta1", bad).join()).to.include('container "build"').and.not.include("hunter2");
        expect(rules("example.com/v1", bad)).to.deep.equal([]);
    });

    it("checks the steps of a PipelineRun's tasks, each in its place", () => {
        const task = (image: string): Body => ({ name: "a", taskSpec: { steps: [{ name: "build", image }] } });
        const spec = {
            pipelineSpec: { tasks: [task("a:v1"), task("b")], finally: [task("c:latest"), { taskRef: {} }] },
        };
        const body = { apiVersion: "tekton.dev/v1", kind: "PipelineRun", metadata: { generateName: "a-" }, spec };
        const found = reportOn([body], {}).findings.map(({ rule, path }) => `${rule} ${path}`);
        expect(found).to.have.members([
            "image-tag spec.pipelineSpec.tasks[1].taskSpec.steps[0].image",
            "image-tag spec.pipelineSpec.finally[0].taskSpec.steps[0].image",
        ]);
    });

    for (const [apiVersion, kind, at] of [
        ["serving.kserve.io/v1beta1", "InferenceService", "spec.predictor"],
        ["monitoring.coreos.com/v1", "Prometheus", "spec"],
        ["v1", "PodTemplate", "template.spec"],
    ] as const)
        it(`checks the containers below ${at} of a ${kind}`, () => {
            const body: Body = { apiVersion, kind, metadata: { name: "a", namespace: "shop" } };
            const [known, unknown] = [{ name: "a", image: "nginx:latest" }, { name: "b" }];
            const keys = parsePath(at);
            Object.assign(
                body,
                keys.reduceRight<unknown>((below, key) => ({ [key]: below }), { containers: [known, unknown] }),
            );
            set(body, [...keys, "containers", 0, "securityContext"], { privileged: true });
            const found = reportOn([body], {}).findings.map(({ rule, path }) => `${rule} ${path}`);
            const own = [
                `image-tag ${at}.containers[0].image`,
                `privileged ${at}.containers[0].securityContext.privileged`,
            ];
            if (kind === "PodTemplate") expect(found).to.include.members(own);
            else expect(found).to.have.members(own);
        });

    it("checks steps that are written within those of another template, with images that parameters name", () => {
        const inline = { container: { name: "a", image: "nginx:latest" } };
        const templates = [
            { name: "a", script: { image: "{{inputs.parameters.image}}", source: "echo" } },
            { name: "b", dag: { tasks: [{ name: "c", inline }] } },
            { name: "d", steps: [[{ name: "e", inline }]] },
        ];
        const metadata = { name: "nightly", namespace: "shop" };
        const body = { apiVersion: "argoproj.io/v1alpha1", kind: "Workflow", metadata, spec: { templates } };
        const found = reportOn([body], {}).findings.filter(({ rule }) => rule === "image-tag");
        expect(found.map(({ path }) => path)).to.deep.equal([
            "spec.templates[1].dag.tasks[0].inline.container.image",
            "spec.templates[2].steps[0][0].inline.container.image",
        ]);
    });

    for (const [apiVersion, kind, at, second] of [
        [
            "jobset.x-k8s.io/v1alpha2",
            "JobSet",
            ["replicatedJobs", 0, "template", "spec", "template"],
            "spec.replicatedJobs[1].template.spec.template",
        ],
        ["batch.volcano.sh/v1alpha1", "Job", ["tasks", 0, "template"], "spec.tasks[1].template"],
        ["ray.io/v1", "RayCluster", ["workerGroupSpecs", 0, "template"], "spec.workerGroupSpecs[1].template"],
    ] as const)
        it(`checks each pod of a ${kind} of ${apiVersion}, and lets selectors see all of them`, () => {
            const stack = goodStack();
            const { template } = pick(stack, "Job")["spec"] as { template: Body & { metadata: Body } };
            const { metadata } = template;
            const [list, , ...rest] = at;
            const item = (pod: Body): Body => rest.reduceRight<Body>((below, key) => ({ [key]: below }), pod);
            const labels = { ...(metadata["labels"] as Body), "app.kubernetes.io/component": "second" };
            const other = { ...structuredClone(template), metadata: { ...metadata, labels } };
            const body = {
                apiVersion,
                kind,
                metadata: { name: "nightly", namespace: "shop", labels: metadata["labels"] },
                spec: { [list]: [item(template), item(other)] },
            };
            const policy = structuredClone(pick(stack, "NetworkPolicy"));
            set(policy, ["metadata", "name"], "second");
            set(policy, ["spec", "podSelector"], { matchLabels: { ...labels } });
            const rules = (): readonly string[] =>
                reportOn([...stack, body, policy], {})
                    .findings.filter(({ object }) => [body, policy].includes(object.body as Body))
                    .map(({ rule, path }) => `${rule} ${path}`);
            expect(rules()).to.deep.equal([]);
            set(other, ["spec", "containers", 0, "image"], "nginx:latest");
            expect(rules()).to.include(`image-tag ${second}.spec.containers[0].image`);
            set(other, ["metadata", "labels", "app.kubernetes.io/component"], "third");
            expect(rules()).to.include("network-target spec.podSelector");
        });

    for (const [part, name] of [
        ["limits", "nvidia.com/gpu"],
        ["requests", "ephemeral-storage"],
    ] as const)
        it(`refuses ${part} of ${name} for a pod as a whole, as the API server does`, () => {
            const { findings } = reportOn(changed("spec.template.spec.resources", { [part]: { [name]: "100Gi" } }), {});
            const found = findings.filter(({ rule }) => rule === "object-shape").map(({ message }) => message);
            expect(found).to.deep.equal([`a pod as a whole has ${part} of cpu, memory and hugepages only`]);
        });

    it("reports an autoscaler that goes by a container that is not there", () => {
        const stack = goodStack();
        const target = { type: "Utilization", averageUtilization: 70 };
        const containerResource = { name: "cpu", container: "web", target };
        set(
            pick(stack, "HorizontalPodAutoscaler"),
            ["spec", "metrics"],
            [{ type: "ContainerResource", containerResource }],
        );
        expect(reportOn(stack, {}).findings.map(({ rule, path }) => `${rule} ${path}`)).to.deep.equal([
            "autoscaler-requests spec.metrics[0].containerResource.container",
        ]);
    });

    it("takes lists apart and skips what is no object", () => {
        const items = [pick(changed("spec.template.spec.hostPID", true) as never, "Deployment")];
        const found = fromManifests([null, "text", 3, [], {}, { apiVersion: "v1", kind: "List", items }]);
        expect(found.map(({ kind, name, namespace }) => [kind, name, namespace])).to.deep.equal([
            ["Deployment", "api", "shop"],
        ]);
    });

    it("reports a field of a wrong type once, whoever reads it", () => {
        const found = reportOn(changed("spec.template.metadata.labels", "none"), {}).findings;
        const paths = found.filter(({ rule }) => rule === "object-shape").map(({ path }) => path);
        expect(paths).to.deep.equal(["spec.template.metadata.labels"]);
    });

    it("gives single objects and relations together what each gives alone", () => {
        const objects = fromManifests(changed("spec.replicas", 2));
        const alone = [
            ...objects.flatMap((object) => checkObject(object, strict).findings),
            ...checkStack(objects, strict).findings,
        ];
        expect(check(objects, strict).findings.map(formatFinding)).to.deep.equal(alone.map(formatFinding));
    });

    it("says where, what, how to fix it and where to read on, in one line", () => {
        const [finding] = reportOn(changed("spec.template.spec.hostPID", true), {}).findings;
        expect(finding === undefined ? "" : formatFinding(finding)).to.equal(
            "Deployment shop/api: spec.template.spec.hostPID: the pod sets hostPID. " +
                "Remove hostNetwork, hostPID and hostIPC. (https://kubernetes.io/docs/concepts/security/pod-security-standards/)",
        );
    });
});
