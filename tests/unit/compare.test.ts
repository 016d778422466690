/** What `npm run compare` says of two renderings. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { stringify } from "yaml";
import { comparison } from "../../scripts/compare.ts";
import { readObjects } from "../../scripts/compare/objects.ts";
import { requests } from "../../scripts/compare/resources.ts";
import { goldenFile } from "../golden/render.ts";
import { root } from "../support/configuration.ts";

const production = readFileSync(goldenFile("production"), "utf8");
const compare = (before: string, after: string, limit = 60_000) => comparison(before, after, limit);
const yaml = (...objects: readonly object[]) => objects.map((object) => `---\n${stringify(object)}`).join("");
/** A text with a place changed that has to be there. */
function replaced(text: string, from: string | RegExp, to: string): string {
    expect(text).to.match(from instanceof RegExp ? from : new RegExp(from));
    return text.replace(from, to);
}

const container = (name: string, cpu: string, more: object = {}) => ({
    name,
    resources: { requests: { cpu } },
    ...more,
});
const workload = (kind: string, spec: object) => ({ apiVersion: "apps/v1", kind, metadata: { name: "w" }, spec });

describe("the comparison of two renderings", () => {
    it("is one sentence where they are the same, in whatever order", () => {
        const turned = production
            .split(/^---\n/m)
            .reverse()
            .filter((text) => text !== "")
            .map((text) => `---\n${text}`);
        expect(compare(production, turned.join(""))).to.equal(
            "The rendered objects, those of the chart included, are the same as before.\n",
        );
    });

    it("shows what differs in which object, those of the chart too, and no other line", () => {
        const changed = replaced(production, "port 6379", "port 6380");
        const text = compare(production, changed);
        expect(text).to.match(/^Rendered objects, those of the chart included: 1 changed\.\n/);
        expect(text).to.contain("```diff\n# ConfigMap tradestream/tradestream-redis-configuration (changed)\n@@ ");
        expect(text.match(/^[-+].*$/gm)).to.deep.equal(["-    port 6379", "+    port 6380"]);
    });

    it("counts objects that come and go", () => {
        const kept = production.split(/^(?=---\n)/m).filter((text) => !text.includes("\nkind: PodDisruptionBudget\n"));
        const text = compare(kept.join(""), replaced(production, /^---\n[^]*?kind: Namespace\n[^]*?(?=^---\n)/m, ""));
        expect(text).to.contain(": 2 added, 1 removed.");
        expect(text).to.contain("# PodDisruptionBudget.policy tradestream/tradestream-gateway-api (added)");
        expect(text).to.contain("# Namespace tradestream (removed)");
    });

    it("says what more is requested, at the fewest and the most pods, of one workload and of all", () => {
        const changed = replaced(
            replaced(
                production,
                "cpu: 200m\n              ephemeral-storage: 64Mi",
                "cpu: 300m\n              ephemeral-storage: 64Mi",
            ),
            "maxReplicas: 10",
            "maxReplicas: 12",
        );
        expect(
            compare(production, changed)
                .split("\n")
                .filter((line) => line.startsWith("|"))
                .slice(2),
        ).to.deep.equal([
            "| `Deployment.apps tradestream/tradestream-gateway-api` | 2 to 10 → **2 to 12** | 400m to 2 → **600m to 3600m** | 512Mi to 2560Mi → **512Mi to 3Gi** | 0 |",
            "| all | 6 to 17 → **6 to 19** | 1100m to 2925m → **1300m to 4525m** | 1792Mi to 4128Mi → **1792Mi to 4640Mi** | 28Gi |",
        ]);
    });

    it("never shows what is in a Secret", () => {
        const secret = (data: object) => yaml({ apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, ...data });
        const text = compare(
            secret({ data: { password: "aHVudGVyMg==" } }),
            secret({ data: { password: "bmV3", token: "dG9rZW4=" }, stringData: { plain: "hunter2" } }),
        );
        expect(text).to.contain('+  token: "[redacted]"').and.to.contain('+  plain: "[redacted]"');
        expect(text).not.to.match(/aHVudGVyMg|bmV3|dG9rZW4|hunter2/);
    });

    it("keeps to a limit, and closes what it has opened", () => {
        const staging = readFileSync(goldenFile("staging"), "utf8");
        for (const limit of [2_600, 3_000, 14_000]) {
            const text = compare(staging, production, limit);
            expect(text.length).to.be.within(limit - 200, limit);
            expect(text).to.match(/\n```\n\n\d+ more lines are left out\.\n\n<\/details>\n$/);
        }
        expect(compare(staging, production, 500_000)).not.to.contain("left out");
        expect(() => compare(staging, production, 500)).to.throw("a limit of 500 characters is too small");
    });

    it("keeps text of objects in its code block", () => {
        const map = (text: string) =>
            yaml({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a`|b" }, data: { text } });
        const text = compare(map("a"), map("```\n<img>\n````"));
        expect(text).to.match(/\n`````diff\n[^]*\n`````\n\n<\/details>\n$/);
        expect(text).to.contain("# ConfigMap a??b (changed)");
    });

    it("fails on what is no rendering", () => {
        expect(() => compare(production, "a: [")).to.throw("after: this is not YAML");
        expect(() => compare("- a", production)).to.throw("before: a document is no object");
        const run = (...args: readonly string[]) =>
            spawnSync(process.execPath, [path.join(root, "scripts/compare.ts"), ...args]).status;
        expect(run(goldenFile("production"), goldenFile("production"))).to.equal(0);
        expect(run(goldenFile("production"), "missing.yaml")).to.equal(1);
        expect(run(goldenFile("production"))).to.equal(2);
    }).timeout(60_000);
});

describe("what a rendering requests", () => {
    const of = (...objects: readonly object[]) => [...requests(readObjects("", yaml(...objects))).values()];

    it("counts sidecars, and an init container that takes more than all that run later", () => {
        const pod = (init: readonly object[]) =>
            workload("Deployment", {
                replicas: 2,
                template: { spec: { initContainers: init, containers: [container("a", "1"), container("b", "500m")] } },
            });
        const sidecar = container("s", "250m", { restartPolicy: "Always" });
        expect(of(pod([container("i", "1"), sidecar]))[0]?.cpu).to.deep.equal([3.5, 3.5]);
        expect(of(pod([sidecar, container("i", "2")]))[0]?.cpu).to.deep.equal([4.5, 4.5]);
    });

    it("takes a limit for a request that is not there", () => {
        const limited = { name: "a", resources: { limits: { memory: "1Gi" }, requests: { cpu: "1" } } };
        const [amounts] = of({
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name: "p" },
            spec: { containers: [limited] },
        });
        expect(amounts).to.deep.include({ pods: [1, 1], cpu: [1, 1], memory: [2 ** 30, 2 ** 30] });
    });

    it("counts Jobs at the most only, as many as run beside each other", () => {
        const template = { spec: { containers: [container("a", "100m")] } };
        const [job, cronJob] = of(
            { ...workload("Job", { parallelism: 3, template }), metadata: { name: "j" } },
            workload("CronJob", { jobTemplate: { spec: { template } } }),
        );
        expect(job).to.deep.include({ pods: [0, 3] });
        expect(cronJob).to.deep.include({ pods: [0, 1], cpu: [0, 0.1] });
    });

    it("counts no pod of a paused workload, whatever its autoscaler says", () => {
        const paused = workload("Deployment", {
            replicas: 0,
            template: { spec: { containers: [container("a", "1")] } },
        });
        const target = { minReplicas: 2, maxReplicas: 3, scaleTargetRef: { kind: "Deployment", name: "w" } };
        expect(of(paused, workload("HorizontalPodAutoscaler", target))[0]).to.deep.include({
            pods: [0, 0],
            cpu: [0, 0],
        });
    });

    it("counts the volumes of each pod of a StatefulSet, and claims", () => {
        const claim = {
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            metadata: { name: "c" },
            spec: { resources: { requests: { storage: "1Gi" } } },
        };
        const set = workload("StatefulSet", {
            replicas: 3,
            template: { spec: { containers: [] } },
            volumeClaimTemplates: [claim, claim],
        });
        expect(of(set, claim).map(({ storage }) => storage)).to.deep.equal([
            [6 * 2 ** 30, 6 * 2 ** 30],
            [2 ** 30, 2 ** 30],
        ]);
    });
});
