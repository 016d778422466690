/** Every pod in every scenario is restricted; and the check that says so notices each single weakening. */
import type { V1PodSpec } from "@kubernetes/client-node";
import { expect } from "chai";
import { buildTimeout, find, helmBinary, render, statefulSets } from "./helm.ts";
import { breaches } from "./restricted.ts";
import { scenarios } from "./scenarios.ts";

/** Paths of all leaves and branches below `value`, such as `containers.0.securityContext.runAsUser`. */
function paths(value: unknown, prefix = ""): string[] {
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, inner]) => [`${prefix}${key}`, ...paths(inner, `${prefix}${key}.`)]);
}

function without(pod: V1PodSpec, at: string): V1PodSpec {
    const copy = structuredClone(pod);
    const keys = at.split(".");
    const last = keys.pop() ?? "";
    const parent = keys.reduce<Record<string, unknown>>(
        (inner, key) => inner[key] as Record<string, unknown>,
        copy as unknown as Record<string, unknown>,
    );
    Reflect.deleteProperty(parent, last);
    return copy;
}

describe("every pod of the chart is restricted", () => {
    before(async function () {
        this.timeout(buildTimeout);
        await helmBinary();
    });

    for (const [title, values] of Object.entries(scenarios)) {
        it(title, async () => {
            const sets = statefulSets(await render(values));
            expect(sets).to.have.lengthOf(2);
            for (const set of sets) {
                const pod = set.spec?.template.spec;
                if (!pod) throw new Error(`${set.metadata?.name} has no pod`);
                expect(breaches(pod), set.metadata?.name ?? "").to.deep.equal([]);
            }
        });
    }

    it("gives no account a token", async () => {
        const manifests = await render();
        for (const name of ["tradestream-postgresql", "tradestream-redis-master"]) {
            expect(find(manifests, "ServiceAccount", name).automountServiceAccountToken).to.equal(false);
            expect(find(manifests, "StatefulSet", name).spec?.template.spec?.serviceAccountName).to.equal(name);
        }
    });

    it("and the check notices when any protective field is taken away", async () => {
        const protective =
            /securityContext|resources\.(requests|limits)|Probe$|imagePullPolicy|sizeLimit|ports\.0\.name|automount|enableServiceLinks|serviceAccountName|terminationGrace/;
        for (const set of statefulSets(await render())) {
            const pod = set.spec?.template.spec;
            if (!pod) throw new Error(`${set.metadata?.name} has no pod`);
            // Absent means "not privileged" to Kubernetes too, and an absent list index is no field.
            const taken = paths(pod).filter((at) => protective.test(at) && !/Probe\.|drop\.0$/.test(at));
            expect(taken.length).to.be.greaterThan(30);
            for (const at of taken) {
                // A startup probe is a convenience: liveness covers what it covers.
                if (at.endsWith("startupProbe")) continue;
                expect(breaches(without(pod, at)), `${set.metadata?.name} without ${at}`).not.to.deep.equal([]);
            }
        }
    });
});
