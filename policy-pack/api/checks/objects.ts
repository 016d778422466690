/** What the API server's code asks of all other kinds. */
import { hasForm } from "../formats.ts";
import { amountOf, below, exactlyOne, isSet, isUnknown, list, pointer, tree, wrong, type Check } from "./parts.ts";

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

const claim: Check = function* ({ resources, accessModes }) {
    const { requests } = tree(resources);
    if (isUnknown(resources) || isUnknown(requests)) return;
    const storage = tree(requests)["storage"];
    if (!isSet(storage)) yield wrong("/resources/requests/storage", "this is required");
    if (amountOf(storage) === 0) yield wrong("/resources/requests/storage", "must be above 0");
    if (list(accessModes).includes("ReadWriteOncePod") && list(accessModes).length > 1)
        yield wrong("/accessModes", "ReadWriteOncePod stands alone");
};

const NOT_SOURCES = new Set([
    "capacity",
    "accessModes",
    "persistentVolumeReclaimPolicy",
    "storageClassName",
    "mountOptions",
    "volumeMode",
    "nodeAffinity",
    "claimRef",
    "volumeAttributesClassName",
]);

const volume: Check = function* (spec) {
    const sources = Object.keys(spec).filter((field) => !NOT_SOURCES.has(field) && isSet(spec[field]));
    if (sources.length !== 1) yield wrong("", "a volume needs one source, such as csi or nfs");
    if (!isUnknown(spec["capacity"]) && !isSet(tree(spec["capacity"])["storage"]))
        yield wrong("/capacity/storage", "this is required");
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

const limits: Check = function* ({ type, min, max, default: usual, defaultRequest }) {
    const order = [
        ["min", min],
        ["defaultRequest", defaultRequest],
        ["default", usual],
        ["max", max],
    ] as const;
    for (const [index, [name, amounts]] of order.entries())
        for (const [resource, amount] of Object.entries(tree(amounts)))
            if (
                order
                    .slice(0, index)
                    .some(([, lower]) => (amountOf(tree(lower)[resource]) ?? -1) > (amountOf(amount) ?? Infinity))
            )
                yield wrong(
                    `/${name}/${resource.replaceAll("/", "~1")}`,
                    "must be in the order of min, defaultRequest, default and max",
                );
    if (type === "Pod")
        for (const [name, given] of [
            ["default", usual],
            ["defaultRequest", defaultRequest],
        ] as const)
            if (isSet(given)) yield wrong(`/${name}`, "limits of the type Pod do not have it");
    if (
        type === "PersistentVolumeClaim" &&
        !isSet(tree(min)["storage"]) &&
        !isSet(tree(max)["storage"]) &&
        ![min, max].some(isUnknown)
    )
        yield wrong("", "limits of claims need min or max of storage");
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

const webhook: Check = function* ({ admissionReviewVersions: versions }) {
    if (
        isUnknown(versions) ||
        list(versions).some((version) => isUnknown(version) || /^v1(beta1)?$/.test(String(version)))
    )
        return;
    yield wrong("/admissionReviewVersions", "must name v1 or v1beta1");
};

export const OBJECT_CHECKS: Readonly<Record<string, Check>> = {
    "rbac.v1.PolicyRule": policyRule,
    "rbac.v1.Subject": subject,
    "rbac.v1.ClusterRoleBinding": clusterBinding,
    "core.v1.PersistentVolumeClaimSpec": claim,
    "core.v1.PersistentVolumeSpec": volume,
    "core.v1.Secret": secret,
    "core.v1.ConfigMap": function* ({ data, binaryData }) {
        for (const key of Object.keys(tree(binaryData)))
            if (key in tree(data)) yield wrong(`/binaryData/${key}`, "the key is in data as well");
    },
    "core.v1.LimitRangeItem": limits,
    "core.v1.Namespace": podSecurity,
    "admissionregistration.v1.ValidatingWebhook": webhook,
    "admissionregistration.v1.MutatingWebhook": webhook,
    "admissionregistration.v1.WebhookClientConfig": exactlyOne("a webhook", ["url", "service"]),
};

function isJson(value: string): boolean {
    try {
        return typeof JSON.parse(value) === "object";
    } catch {
        return false;
    }
}
