/**
 * Kubernetes quantities, in the forms that people write.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
const pattern = /^(\d+(?:\.\d+)?|\.\d+)(?:[eE]([+-]?\d{1,3})|(m)|([kMGTPE])|([KMGTPE])i)?$/;
const prefixes = "KMGTPE";

/** Whether `text` is a quantity such as `500m`, `0.5`, `512Mi`, `129e6`. Negative ones are not accepted. */
export function isQuantity(text: string): boolean {
    return pattern.test(text);
}

/** The quantity as a number of its base unit (cores, bytes). NaN where `text` is not a quantity. */
export function quantity(text: string): number {
    const [, number = NaN, power, milli, decimal = "", binary = ""] = pattern.exec(text) ?? [];
    if (power !== undefined) return Number(`${number}e${power}`);
    const exponent = prefixes.indexOf((decimal || binary).toUpperCase()) + 1;
    const unit = decimal || binary ? (binary ? 1024 : 1000) ** exponent : 1;
    return (Number(number) * unit) / (milli === undefined ? 1 : 1000);
}
