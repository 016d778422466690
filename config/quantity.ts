/**
 * Kubernetes quantities, in the forms that people write.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
import { parseQuantity } from "../policy-pack/model/quantity.ts";

const pattern = /^(\d+(?:\.\d+)?|\.\d+)(m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi|E|Ei)?$/;

/** Whether `text` is a quantity such as `500m`, `0.5`, `512Mi`. Negative and exponent forms are not accepted. */
export function isQuantity(text: string): boolean {
    return pattern.test(text);
}

/** The quantity as a number of its base unit (cores, bytes). NaN where `text` is not a quantity. */
export function quantity(text: string): number {
    return isQuantity(text) ? (parseQuantity(text) ?? NaN) : NaN;
}
