import { UNKNOWN } from "./unknown.ts";
import type { View } from "./view.ts";

/** Kinds that hold access rules. */
export const ROLE_KINDS = ["Role", "ClusterRole"] as const;

/** Kinds that give a role to somebody. */
export const BINDING_KINDS = ["RoleBinding", "ClusterRoleBinding"] as const;

/** One access rule of a role. */
export interface AccessRule {
    readonly view: View;
    readonly groups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
    /** Whether it is for single objects by name only. */
    readonly named: boolean;
}

/** The access rules of a Role or ClusterRole. */
export function accessRules(role: View): AccessRule[] {
    return role
        .at("rules")
        .items()
        .map((view) => ({
            view,
            groups: texts(view.at("apiGroups")),
            resources: texts(view.at("resources")),
            verbs: texts(view.at("verbs")),
            named: view.at("resourceNames").items().length > 0,
        }));
}

/** Whether a rule allows one of the verbs on a resource (`pods`, `pods/exec`) of an API group. */
export function allows(rule: AccessRule, group: string, resource: string, verbs: readonly string[]): boolean {
    const subresource = resource.includes("/") ? `*/${resource.split("/")[1] ?? ""}` : resource;
    return (
        rule.groups.some((name) => name === group || name === "*") &&
        rule.resources.some((name) => name === resource || name === subresource || name === "*") &&
        rule.verbs.some((name) => verbs.includes(name) || name === "*")
    );
}

function texts(view: View): string[] {
    return view.items().flatMap((item) => {
        const text = item.string();
        return text === UNKNOWN || text === undefined ? [] : [text];
    });
}
