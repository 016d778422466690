import { CONTAINER_KINDS } from "../model/object.ts";
import { finding, podRule } from "../model/rule.ts";

export const hostPath = podRule(
    {
        name: "host-path",
        title: "No pod mounts a path of its node",
        severity: "high",
        why: "A path of the node opens the node, and the pod breaks when it moves to another.",
        fix: "Use a PersistentVolumeClaim, a ConfigMap or an emptyDir.",
        link: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: CONTAINER_KINDS,
    },
    function* (pod) {
        for (const volume of pod.spec.at("volumes").items()) {
            const place = volume.at("hostPath");
            if (place.present) yield finding(place, "this volume is a path of the node");
        }
    },
);
