/**
 * Property values as the SDK sends them: JSON, in which special values are objects with a signature under one key.
 * The signatures are part of Pulumi's protocol (sdk/go/common/resource/properties.go).
 */

export const signatureKey = "4dabf18193072939515e22adb298388d";
export const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
/** Stands for a value that is known only after `up`. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const otherSignatures: Readonly<Record<string, string>> = {
    c44067f5952c0a294b673a41bacd8c17: "an asset",
    "0def7320c3a5731c473e5ecbe6d01bc7": "an archive",
    "5cf8f73096256a8f31e491e813e4eb8e": "a resource reference",
    d0e6a833031e9bbcd3f4e8bde6ca49a4: "an output value",
};

/** Any JSON value, special ones included. */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };
/** The properties of a resource. */
export type Values = { readonly [key: string]: Value };

export function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isValues(value: Value | undefined): value is Values {
    return isObject(value);
}

export function isSecret(value: Value | undefined): value is { readonly value: Value } {
    return isValues(value) && value[signatureKey] === secretSignature;
}

/** Marks a value as secret; a secret stays what it is. */
export function secret(value: Value): Value {
    return isSecret(value) ? value : { [signatureKey]: secretSignature, value: plain(value) };
}

/** The value with all marks of secrecy taken off, at any depth. */
export function plain(value: Value): Value {
    if (isSecret(value)) return plain(value.value);
    if (Array.isArray(value)) return value.map((item: Value) => plain(item));
    return isValues(value) ? mapValues(value, plain) : value;
}

/** Like {@link plain}, for all properties of a resource. */
export function plainValues(values: Values): Values {
    return mapValues(values, plain);
}

export function mapValues(values: Values, map: (value: Value, key: string) => Value): Values {
    return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value, key)]));
}

/** Whether any part of the value satisfies the test. */
export function some(value: Value | undefined, test: (value: Value) => boolean): boolean {
    if (value === undefined) return false;
    if (test(value)) return true;
    if (Array.isArray(value)) return value.some((item: Value) => some(item, test));
    return isValues(value) && Object.values(value).some((item) => some(item, test));
}

export function containsUnknown(value: Value | undefined): boolean {
    return some(value, (part) => part === unknownValue);
}

export function containsSecret(value: Value | undefined): boolean {
    return some(value, (part) => isSecret(part));
}

/** What kind of special value the engine does not know the value contains, in words. */
export function unsupportedPart(value: Value): string | undefined {
    let found: string | undefined;
    some(value, (part) => {
        const signature = isValues(part) ? part[signatureKey] : undefined;
        if (typeof signature === "string") found ??= otherSignatures[signature];
        return found !== undefined;
    });
    return found;
}

/** Deep equality, blind to the order of keys. */
export function equal(a: Value | undefined, b: Value | undefined): boolean {
    if (a === b) return true;
    if (Array.isArray(a)) {
        return (
            Array.isArray(b) && a.length === b.length && a.every((item: Value, index) => equal(item, b[index] as Value))
        );
    }
    if (!isValues(a) || !isValues(b)) return false;
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => key in b && equal(a[key], b[key]));
}

/** `target` with the parts marked as secret that are secret in `source`. */
export function copySecrets(target: Value, source: Value | undefined): Value {
    if (source === undefined) return target;
    if (isSecret(source)) return secret(target);
    if (isSecret(target)) return target;
    if (Array.isArray(target) && Array.isArray(source)) {
        return target.map((item: Value, index) => copySecrets(item, source[index] as Value | undefined));
    }
    if (isValues(target) && isValues(source)) return mapValues(target, (value, key) => copySecrets(value, source[key]));
    return target;
}

/** The value with each secret replaced by a text. */
export function redacted(value: Value, text = "[secret]"): Value {
    if (isSecret(value)) return text;
    if (Array.isArray(value)) return value.map((item: Value) => redacted(item, text));
    return isValues(value) ? mapValues(value, (item) => redacted(item, text)) : value;
}

/** The value with each unknown part replaced by a text. */
export function withoutUnknowns(value: Value, text: string): Value {
    if (value === unknownValue) return text;
    if (Array.isArray(value)) return value.map((item: Value) => withoutUnknowns(item, text));
    return isValues(value) ? mapValues(value, (item) => withoutUnknowns(item, text)) : value;
}

/** The value without keys that are null: in Kubernetes and Helm inputs they say the same as absent ones. */
export function withoutNulls(value: Value): Value {
    if (Array.isArray(value)) return value.map((item: Value) => withoutNulls(item));
    if (!isValues(value)) return value;
    return Object.fromEntries(
        Object.entries(value)
            .filter(([, item]) => item !== null)
            .map(([key, item]) => [key, withoutNulls(item)]),
    );
}

/** The string at a path of keys, if there is one; secret marks are looked through. */
export function stringAt(value: Value | undefined, ...path: readonly string[]): string | undefined {
    const found = valueAt(value, ...path);
    return typeof found === "string" ? found : undefined;
}

/** The value at a path of keys, secret marks looked through. */
export function valueAt(value: Value | undefined, ...path: readonly string[]): Value | undefined {
    let current: Value | undefined = value;
    for (const key of path) {
        if (isSecret(current)) current = current.value;
        current = isValues(current) ? current[key] : undefined;
    }
    return isSecret(current) ? current.value : current;
}

/** A value as text; `undefined` is empty. */
export function textOf(value: unknown): string {
    if (typeof value === "string") return value;
    return value === undefined || value === null ? "" : JSON.stringify(value);
}

/** The record without some of its keys. */
export function without<T>(record: Readonly<Record<string, T>>, keys: readonly string[]): Record<string, T> {
    return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}
