import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

const ENFORCE = "pod-security.kubernetes.io/enforce";

export const namespacePodSecurity = objectRule(
    {
        name: "namespace-pod-security",
        title: "Each Namespace enforces a Pod Security level",
        severity: "medium",
        why: "Without it, whatever gets into the namespace by another way than this program may run as root.",
        fix: "Set the label pod-security.kubernetes.io/enforce to one of the parameter podSecurityLevels (restricted).",
        link: "https://kubernetes.io/docs/concepts/security/pod-security-admission/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ["Namespace"],
    },
    function* ({ view }, { podSecurityLevels }) {
        const place = view.at("metadata", "labels", ENFORCE);
        const level = place.string();
        if (level === UNKNOWN || podSecurityLevels.includes(level ?? "")) return;
        const fact = level === undefined ? "enforces no Pod Security level" : "enforces a level that is not allowed";
        yield finding(place, `the namespace ${fact}`);
    },
);
