/**
 * Kubernetes quantities, as the policy pack reads them.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
import { parseQuantity } from "../policy-pack/model/quantity.ts";

/** Whether `text` is a quantity such as `500m`, `0.5`, `512Mi`, `129e6`. Negative ones are not accepted. */
export function isQuantity(text: string): boolean {
    return !Number.isNaN(quantity(text));
}

/** The quantity as a number of its base unit (cores, bytes). NaN where `text` is not a quantity. */
export function quantity(text: string): number {
    const number = parseQuantity(text);
    return number === undefined || text.trim().startsWith("-") ? NaN : number;
}
