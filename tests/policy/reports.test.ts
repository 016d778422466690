/**
 * Manifests after public bug reports: what is wrong in each is found, and nothing that is right. They are beside the
 * repository; a clone elsewhere has the same kinds of input in the tables of the rules (`rules/`) alone.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";

import { check } from "../../policy-pack/check.ts";
import { readManifests } from "../../policy-pack/manifests.ts";
import { parseSettings } from "../../policy-pack/settings.ts";
import { decode } from "../../policy-pack/yaml.ts";
import { TODAY } from "./stack.ts";

const reports = path.resolve(import.meta.dirname, "../../../shared/reports");

/** Mandatory findings of each file under the preset recommended, as `rule path`. */
const expected: Readonly<Record<string, readonly string[]>> = {
    "00-clean": [],
    "01c-merge-list": [],
    "01d-merge-hides-host": [
        "host-namespaces spec.template.spec.hostNetwork",
        "host-namespaces spec.template.spec.hostPID",
    ],
    "02e-valid-words": [],
    "06b-utf16": [],
    "06c-utf16-bad": ["host-namespaces spec.template.spec.hostNetwork"],
    "07-duplicate-keys": [],
    "10-windows": [],
    "11-pdb-daemonset": [],
    "11b-pdb-sleeping": [],
    "14-hpa-no-apiversion": ["autoscaler-target spec.scaleTargetRef.apiVersion"],
    "14b-hpa-old-apiversion": ["autoscaler-target spec.scaleTargetRef.apiVersion"],
    "14f-hpa-two": ["autoscaler-target spec.scaleTargetRef"],
    "16-sa-token-secret": [],
    "16b-injected-ca": [],
    "17-vault-reference": [],
    "17b-secret-names": [],
    "17c-missed-secrets": [
        ...[0, 1, 2, 3, 4].map((index) => `secret-in-env spec.template.spec.containers[0].env[${index}].value`),
        'secret-in-config-map data["application.properties"]',
        'secret-in-config-map data["my.cnf"]',
    ],
    "18-any-v6-forms": [
        ...[0, 1, 2, 3].map((index) => `network-allow-all spec.ingress[0].from[${index}]`),
        // 10.0.0.0/0 has bits beyond its prefix, which Kubernetes 1.36 refuses.
        "object-shape spec.ingress[0].from[1].ipBlock.cidr",
    ],
    "18b-dns-tcp-name": [],
    "18f-v6-zero": ["network-allow-all spec.ingress[0].from[0]"],
    "19-backoff-per-index": [],
    "20-cron-every": ["job-deadline spec.jobTemplate.spec.activeDeadlineSeconds"],
    "30-alb-annotation": [],
    "32-rollout": [],
    "35d-quantity-subbyte": [
        "resource-magnitude spec.template.spec.containers[0].resources.requests.memory",
        "resource-magnitude spec.template.spec.containers[0].resources.limits.memory",
    ],
    "21-image-volume": [
        "image-pull-policy spec.template.spec.volumes[0].image.pullPolicy",
        "image-tag spec.template.spec.volumes[0].image.reference",
    ],
};

if (existsSync(reports)) describe("public reports", publicReports);

function publicReports(): void {
    const settings = parseSettings({}, TODAY);

    for (const [name, findings] of Object.entries(expected))
        it(`${name}: ${findings.length === 0 ? "nothing is refused" : findings.join(", ")}`, () => {
            const file = path.join(reports, `${name}.yaml`);
            const { objects } = readManifests(file, decode(readFileSync(file)));
            const found = check(objects, settings).findings.filter(({ level }) => level === "mandatory");
            expect(found.map(({ rule, path: place }) => `${rule} ${place}`).sort()).to.deep.equal([...findings].sort());
        });

    it("18b, 18c: DNS is known by the names of its ports, and not seen where no rule can reach it", () => {
        const dns = (name: string): number => {
            const file = path.join(reports, `${name}.yaml`);
            const { findings } = check(readManifests(file, decode(readFileSync(file))).objects, settings);
            return findings.filter(({ rule }) => rule === "network-dns").length;
        };
        expect([dns("18b-dns-tcp-name"), dns("18c-dns-not-allowed")]).to.deep.equal([0, 2]);
    });

    it("01b-merge-privileged: what a merge key brings is seen", () => {
        const file = path.join(reports, "01b-merge-privileged.yaml");
        const { objects } = readManifests(file, decode(readFileSync(file)));
        const rules = check(objects, settings).findings.map(({ rule }) => rule);
        expect(rules).to.include("privileged");
    });
}
