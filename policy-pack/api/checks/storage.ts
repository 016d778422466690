/** What the API server's code asks of volumes, of pods and of the cluster. */
import { all, amountOf, exactlyOne, isSet, isUnknown, list, tree, wrong, type Check } from "./parts.ts";

const claim: Check = function* ({ resources, accessModes, dataSourceRef }) {
    const { requests } = tree(resources);
    if (!isUnknown(resources) && !isUnknown(requests)) {
        const storage = tree(requests)["storage"];
        if (!isSet(storage)) yield wrong("/resources/requests/storage", "this is required");
        if (amountOf(storage) === 0) yield wrong("/resources/requests/storage", "must be above 0");
    }
    if (list(accessModes).includes("ReadWriteOncePod") && list(accessModes).length > 1)
        yield wrong("/accessModes", "ReadWriteOncePod stands alone");
    const { apiGroup, kind } = tree(dataSourceRef);
    if (isSet(kind) && !isUnknown(kind) && !isSet(apiGroup) && kind !== "PersistentVolumeClaim")
        yield wrong("/dataSourceRef/kind", "without an API group it must be PersistentVolumeClaim");
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
    const { capacity, hostPath, local, nodeAffinity, persistentVolumeReclaimPolicy: policy } = spec;
    const sources = Object.keys(spec).filter((field) => !NOT_SOURCES.has(field) && isSet(spec[field]));
    if (sources.length !== 1) yield wrong("", "a volume needs one source, such as csi or nfs");
    if (!isUnknown(capacity)) {
        const { storage, ...others } = tree(capacity);
        if (!isSet(storage)) yield wrong("/capacity/storage", "this is required");
        if (amountOf(storage) === 0) yield wrong("/capacity/storage", "must be above 0");
        if (Object.keys(others).length > 0) yield wrong("/capacity", "a volume has a capacity of storage alone");
    }
    if (tree(hostPath)["path"] === "/" && policy === "Recycle")
        yield wrong("/persistentVolumeReclaimPolicy", "the root of a node is not recycled");
    if (isSet(local) && !isSet(nodeAffinity)) yield wrong("/nodeAffinity", "a local volume needs it");
};

const projection = exactlyOne(
    "a source",
    ["clusterTrustBundle", "configMap", "downwardAPI", "podCertificate", "secret", "serviceAccountToken"],
    false,
);

const OF_FILES = /^metadata\.(name|namespace|uid|labels(\['.+'\])?|annotations(\['.+'\])?)$/;

const file: Check = function* ({ fieldRef, resourceFieldRef }) {
    const { fieldPath } = tree(fieldRef);
    if (typeof fieldPath === "string" && fieldPath !== "" && !OF_FILES.test(fieldPath))
        yield wrong("/fieldRef/fieldPath", "files have fields of metadata only");
    if (isSet(resourceFieldRef) && !isUnknown(resourceFieldRef) && !isSet(tree(resourceFieldRef)["containerName"]))
        yield wrong("/resourceFieldRef/containerName", "this is required");
};

export const STORAGE_CHECKS: Readonly<Record<string, Check>> = {
    "core.v1.PersistentVolumeClaimSpec": claim,
    "core.v1.PersistentVolumeSpec": volume,
    "core.v1.VolumeProjection": projection,
    "core.v1.DownwardAPIVolumeFile": all(exactlyOne("a file", ["fieldRef", "resourceFieldRef"]), file),
    // In a template, something else may fill it in.
    "core.v1.ImageVolumeSource": function* ({ reference }, { root }) {
        if (root["kind"] === "Pod" && !isSet(reference)) yield wrong("/reference", "this is required");
    },
    "core.v1.PersistentVolumeClaimTemplate": function* ({ metadata }) {
        if (isSet(tree(metadata)["name"])) yield wrong("/metadata/name", "the claim is named after the pod");
    },
};
