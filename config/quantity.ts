/**
 * Kubernetes quantities.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */

const factors: Readonly<Record<string, number>> = {
    m: 1e-3,
    "": 1,
    k: 1e3,
    M: 1e6,
    G: 1e9,
    T: 1e12,
    P: 1e15,
    E: 1e18,
    Ki: 2 ** 10,
    Mi: 2 ** 20,
    Gi: 2 ** 30,
    Ti: 2 ** 40,
    Pi: 2 ** 50,
    Ei: 2 ** 60,
};

const pattern = /^(\d+(?:\.\d+)?|\.\d+)(m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi|E|Ei)?$/;

/** Whether `text` is a quantity such as `500m`, `0.5`, `512Mi`. Negative and exponent forms are not accepted. */
export function isQuantity(text: string): boolean {
    return pattern.test(text);
}

/** The quantity as a number of its base unit (cores, bytes). NaN where `text` is not a quantity. */
export function quantity(text: string): number {
    const [, digits, suffix] = pattern.exec(text) ?? [];
    return digits === undefined ? NaN : Number(digits) * factors[suffix ?? ""]!;
}
