/**
 * Fields that Kubernetes does not let anybody change: a change means a new object. The list follows the official
 * provider's (provider/pkg/provider/diff.go); what is not on it and refused by the API server is an error.
 */
import type { Value, Values } from "../values.ts";
import { equal, valueAt, textOf } from "../values.ts";

const selector = ["spec.selector"];

const immutable: Readonly<Record<string, readonly string[]>> = {
    "apps/Deployment": selector,
    "apps/DaemonSet": selector,
    "apps/StatefulSet": ["spec.podManagementPolicy", "spec.selector", "spec.serviceName", "spec.volumeClaimTemplates"],
    "batch/Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
    "rbac.authorization.k8s.io/RoleBinding": ["roleRef"],
    "rbac.authorization.k8s.io/ClusterRoleBinding": ["roleRef"],
    "storage.k8s.io/StorageClass": ["parameters", "provisioner"],
    "/Secret": ["type"],
    "/Service": ["spec.clusterIP"],
    "/PersistentVolumeClaim": ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
    "/Pod": [
        "spec.containers",
        "spec.initContainers",
        "spec.volumes",
        "spec.nodeName",
        "spec.securityContext",
        "spec.serviceAccountName",
    ],
    "/ResourceQuota": ["spec.scopes"],
};

/** The immutable fields that differ between two objects of the same kind. */
export function immutableChanges(before: Values, after: Values): readonly string[] {
    const apiVersion = textOf(after["apiVersion"] ?? "");
    const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
    const frozen = before["immutable"] === true ? ["data", "binaryData", "stringData"] : [];
    return [...(immutable[`${group}/${textOf(after["kind"])}`] ?? []), ...frozen].filter((path) => {
        const [a, b] = [at(before, path), at(after, path)];
        return !equal(a, b) && !(path === "spec.clusterIP" && b === undefined);
    });
}

function at(values: Values, path: string): Value | undefined {
    return valueAt(values, ...path.split("."));
}
