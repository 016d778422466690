const SUFFIX: Readonly<Record<string, number>> = {
    n: 1e-9,
    u: 1e-6,
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

/** A Kubernetes quantity (`100m`, `512Mi`, `1e3`) as a number of its base unit; undefined when it is none. */
export function parseQuantity(quantity: string | number): number | undefined {
    if (typeof quantity === "number") return quantity;
    const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/.exec(quantity);
    if (match === null) return undefined;
    const [, digits = "", exponent, suffix = ""] = match;
    const scale = exponent === undefined ? (SUFFIX[suffix] ?? 1) : 10 ** Number(exponent);
    return Number(digits) * scale;
}
