import { POD_KINDS } from "../model/object.ts";
import { finding, podRule } from "../model/rule.ts";

/** Sources that the restricted Pod Security Standard takes; hostPath has a rule of its own. */
const ALLOWED = new Set([
    "name",
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
    "hostPath",
]);

export const volumeTypes = podRule(
    {
        name: "volume-types",
        title: "Volumes are of the restricted types",
        severity: "medium",
        why: "A pod that mounts network storage directly goes around claims, quotas and storage classes.",
        fix: "Use a PersistentVolumeClaim.",
        link: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: POD_KINDS,
    },
    function* (pod) {
        for (const volume of pod.spec.at("volumes").items())
            for (const [source, place] of volume.entries())
                if (!ALLOWED.has(source) && place.present) yield finding(place, "this type of volume is not allowed");
    },
);
