/** Types of Secrets: the kubelet reads credentials of a registry from those of their own type only. */

const types: Readonly<Record<string, string>> = {
    ".dockerconfigjson": "kubernetes.io/dockerconfigjson",
    ".dockercfg": "kubernetes.io/dockercfg",
};

/** The type of a Secret with these keys. */
export function secretType(data: Readonly<Record<string, unknown>>): string {
    return Object.entries(types).find(([key]) => Object.hasOwn(data, key))?.[1] ?? "Opaque";
}
