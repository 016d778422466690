/** What the API server's code asks of all other kinds. */
import { hasForm } from "../formats.ts";
import { below, isSet, isUnknown, list, pointer, tree, wrong, type Check } from "./parts.ts";

const RBAC = "rbac.authorization.k8s.io";

const policyRule: Check = function* ({ nonResourceURLs, resources, apiGroups, resourceNames }, { root }) {
    if ([nonResourceURLs, resources, apiGroups].some(isUnknown)) return;
    if (list(nonResourceURLs).length > 0) {
        if (root["kind"] === "Role") yield wrong("/nonResourceURLs", "they are for ClusterRoles only");
        if ([resources, apiGroups, resourceNames].some((other) => list(other).length > 0))
            yield wrong("/nonResourceURLs", "a rule has either these or resources");
        return;
    }
    if (list(apiGroups).length === 0)
        yield wrong("/apiGroups", 'this is required; "" is the group of Pods and Services');
    if (list(resources).length === 0) yield wrong("/resources", "this is required");
};

const subject: Check = function* ({ kind, apiGroup, name, namespace }, { root }) {
    if (kind === "ServiceAccount") {
        if (typeof name === "string" && !hasForm("subdomain", name))
            yield wrong("/name", "must be the name of a ServiceAccount: small letters, digits, hyphens and dots");
        if (isSet(apiGroup) && !isUnknown(apiGroup)) yield wrong("/apiGroup", "a ServiceAccount has none");
        // A RoleBinding has a namespace of its own.
        if (!isSet(namespace) && root["kind"] === "ClusterRoleBinding")
            yield wrong("/namespace", "a ServiceAccount needs it");
    } else if (typeof kind === "string" && isSet(apiGroup) && !isUnknown(apiGroup) && apiGroup !== RBAC)
        yield wrong("/apiGroup", `must be ${RBAC}`);
};

const clusterBinding: Check = function* ({ roleRef }) {
    if (tree(roleRef)["kind"] === "Role") yield wrong("/roleRef/kind", "must be ClusterRole");
};

const KEYS: Readonly<Record<string, readonly string[]>> = {
    "kubernetes.io/tls": ["tls.crt", "tls.key"],
    "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
    "kubernetes.io/dockercfg": [".dockercfg"],
    "kubernetes.io/ssh-auth": ["ssh-privatekey"],
};

const ACCOUNT = "kubernetes.io/service-account.name";

const secret: Check = function* ({ metadata, type, data, stringData }) {
    const account = below(metadata, "annotations", ACCOUNT);
    if (type === "kubernetes.io/service-account-token" && !isSet(account))
        yield wrong(`/metadata/annotations/${pointer(ACCOUNT)}`, "the type of this Secret needs it");
    if (isUnknown(data) || isUnknown(stringData)) return;
    const given = { ...tree(data), ...tree(stringData) };
    for (const key of (typeof type === "string" && Object.hasOwn(KEYS, type) && KEYS[type]) || [])
        if (!(key in given)) yield wrong("/data", `the type of this Secret needs the key ${key}`);
    if (type === "kubernetes.io/basic-auth" && !("username" in given) && !("password" in given))
        yield wrong("/data", "the type of this Secret needs the key username or password");
    if (type !== "kubernetes.io/dockerconfigjson" && type !== "kubernetes.io/dockercfg") return;
    for (const key of KEYS[type] ?? [])
        for (const [place, values] of [
            ["data", data],
            ["stringData", stringData],
        ] as const) {
            const value = tree(values)[key];
            if (
                typeof value === "string" &&
                !isJson(place === "data" ? Buffer.from(value, "base64").toString() : value)
            )
                yield wrong(`/${place}/${key}`, "must be JSON");
        }
};

const podSecurity: Check = function* ({ metadata }) {
    const labels = tree(tree(metadata)["labels"]);
    for (const mode of ["enforce", "audit", "warn"]) {
        const [level, version] = [
            labels[`pod-security.kubernetes.io/${mode}`],
            labels[`pod-security.kubernetes.io/${mode}-version`],
        ];
        const place = `/metadata/labels/pod-security.kubernetes.io~1${mode}`;
        if (typeof level === "string" && !["privileged", "baseline", "restricted"].includes(level))
            yield wrong(place, "must be one of privileged, baseline and restricted");
        if (typeof version === "string" && !/^(latest|v1\.\d+)$/.test(version))
            yield wrong(`${place}-version`, "must be latest, or a version such as v1.36");
    }
};

export const OBJECT_CHECKS: Readonly<Record<string, Check>> = {
    "rbac.v1.PolicyRule": policyRule,
    "rbac.v1.Subject": subject,
    "rbac.v1.ClusterRoleBinding": clusterBinding,
    "core.v1.Secret": secret,
    "core.v1.ConfigMap": function* ({ data, binaryData }) {
        for (const key of Object.keys(tree(binaryData)))
            if (key in tree(data)) yield wrong(`/binaryData/${key}`, "the key is in data as well");
    },
    "core.v1.Namespace": podSecurity,
};

function isJson(value: string): boolean {
    try {
        const parsed: unknown = JSON.parse(value);
        return typeof parsed === "object" && !Array.isArray(parsed);
    } catch {
        return false;
    }
}
