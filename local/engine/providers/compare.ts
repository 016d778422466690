/** Objects as they are compared for display: without what only the API server writes. */
import type { KubeObject } from "../kube/objects.ts";
import type { ResourceState } from "../state/types.ts";
import type { Value, Values } from "../values.ts";
import { copySecrets, isSecret, isValues, mapValues, secret, without } from "../values.ts";

const noise = ["creationTimestamp", "generation", "managedFields", "resourceVersion", "uid", "selfLink"];
const noisyAnnotations = ["deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration"];

/** An object for display: secrets marked as in the inputs (new and old), values of a Secret always. */
export function comparable(object: KubeObject, inputs: Values, old: ResourceState): Value {
    const { metadata, ...rest } = without(object as unknown as Values, ["status"]);
    const kept = Object.fromEntries(
        Object.entries(isValues(metadata) ? metadata : {}).filter(([key]) => !noise.includes(key)),
    );
    const annotations = kept["annotations"];
    if (isValues(annotations)) {
        kept["annotations"] = Object.fromEntries(
            Object.entries(annotations).filter(([key]) => !noisyAnnotations.includes(key)),
        );
    }
    const marked = copySecrets(copySecrets({ ...rest, metadata: kept }, inputs), old.inputs) as Values;
    if (object.kind !== "Secret" || object.apiVersion !== "v1") return marked;
    return mapValues(marked, (value, key) =>
        key === "data" && isValues(value) && !isSecret(value) ? mapValues(value, (item) => secret(item)) : value,
    );
}
