/** Which fields the engine takes back when somebody else has set them: those that it owned, and no others. */
import { expect } from "chai";
import { KubeError } from "../../local/engine/kube/client.ts";
import { wereOurs } from "../../local/engine/providers/kubernetes-rules.ts";
import type { ResourceState } from "../../local/engine/state/types.ts";

const manager = "tradestream-engine";
/** As an API server keeps what an apply has set. */
const owned = {
    "f:metadata": { "f:labels": { "f:app.kubernetes.io/name": {} } },
    "f:spec": {
        "f:replicas": {},
        "f:template": {
            "f:spec": {
                "f:containers": {
                    'k:{"name":"main"}': {
                        ".": {},
                        "f:image": {},
                        "f:ports": { 'k:{"containerPort":80,"protocol":"TCP"}': { ".": {}, "f:name": {} } },
                    },
                },
            },
        },
    },
    "f:finalizers": { 'v:"kubernetes.io/pvc-protection"': {} },
};
const container = '.spec.template.spec.containers[name="main"]';

/** A state of an object with these owned fields, and a conflict about these fields as an API server words it. */
function taken(fields: readonly string[], by = manager): boolean {
    const managedFields = [{ manager: by, operation: "Apply", fieldsV1: owned }];
    const old = { outputs: { metadata: { managedFields } } } as unknown as ResourceState;
    const causes = fields.map((field) => ({ reason: "FieldManagerConflict", message: 'conflict with "other"', field }));
    return wereOurs(old, new KubeError(409, { details: { causes } }), manager);
}

describe("engine, a conflict with another manager of fields", () => {
    for (const field of [
        ".spec.replicas",
        ".metadata.labels.app.kubernetes.io/name",
        `${container}.image`,
        `${container}.ports[containerPort=80,protocol="TCP"].name`,
        container,
        '.finalizers[="kubernetes.io/pvc-protection"]',
    ]) {
        it(`takes back ${field}`, () => expect(taken([field])).to.equal(true));
    }

    for (const field of [
        ".metadata.labels.app",
        ".metadata.labels.app.kubernetes.io/part-of",
        `${container}.resources.limits.memory`,
        '.spec.template.spec.containers[name="other"].image',
        `${container}.ports[containerPort=81,protocol="TCP"].name`,
        ".spec",
    ]) {
        it(`leaves ${field} to others`, () => expect(taken([field])).to.equal(false));
    }

    it("takes nothing back where one field of several was never its own, or where nothing was", () => {
        expect(taken([".spec.replicas", ".spec.paused"])).to.equal(false);
        expect(taken([".spec.replicas"], "somebody")).to.equal(false);
        expect(taken([])).to.equal(false);
    });
});
