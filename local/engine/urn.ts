/** Pulumi's resource names: `urn:pulumi:<stack>::<project>::<parent types>$<type>::<name>`. */

export const stackType = "pulumi:pulumi:Stack";

/** The URN of a resource below `parent` (a URN, or empty). Children of the stack itself do not carry its type. */
export function createUrn(stack: string, project: string, parent: string, type: string, name: string): string {
    const parentType = parent === "" ? "" : qualifiedType(parent);
    const prefix = parentType === "" || parentType === stackType ? "" : `${parentType}$`;
    return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
}

function qualifiedType(urn: string): string {
    return urn.split("::")[2] ?? "";
}

export function urnName(urn: string): string {
    return urn.split("::").slice(3).join("::");
}

export function urnType(urn: string): string {
    return qualifiedType(urn).split("$").at(-1) ?? "";
}

/** The URN in a provider reference `<urn>::<id>`. */
export function providerUrn(reference: string): string {
    return reference.slice(0, reference.lastIndexOf("::"));
}
