/** Powers of ten of the decimal suffixes, and of two of the binary ones. */
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

/**
 * A Kubernetes quantity (`100m`, `512Mi`, `1e3`) as a number of its base unit; undefined when it is none. The API server
 * reads it without the spaces around it.
 */
export function parseQuantity(quantity: string | number): number | undefined {
    if (typeof quantity === "number") return quantity;
    const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/.exec(quantity.trim());
    if (match === null) return undefined;
    const [, digits = "", exponent, suffix = ""] = match;
    const binary = BINARY[suffix];
    // As text, so that 700m is 0.7 and not a bit more.
    return binary === undefined ? Number(`${digits}e${exponent ?? DECIMAL[suffix]}`) : Number(digits) * 2 ** binary;
}
