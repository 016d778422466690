import { POD_KINDS } from "../model/object.ts";
import { called, effective } from "../model/pods.ts";
import { finding, podRule } from "../model/rule.ts";

const ANNOTATION = "container.apparmor.security.beta.kubernetes.io/";

export const apparmorProfile = podRule(
    {
        name: "apparmor-profile",
        title: "No container turns AppArmor off",
        severity: "high",
        why: "The node's default profile keeps a container from what it never needs.",
        fix: "Remove the profile, or use RuntimeDefault or Localhost.",
        link: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: POD_KINDS,
    },
    function* (pod) {
        for (const container of pod.containers) {
            const place = effective(pod, container, "appArmorProfile", "type");
            if (place.string() === "Unconfined") yield finding(place, `${called(container)} turns AppArmor off`);
        }
        for (const [name, place] of pod.metadata.at("annotations").entries())
            if (name.startsWith(ANNOTATION) && place.string() === "unconfined")
                yield finding(place, "the pod turns AppArmor off for a container");
    },
);
