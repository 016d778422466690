import { CONTAINER_KINDS } from "../model/object.ts";
import { finding, podRule } from "../model/rule.ts";

export const windowsHostProcess = podRule(
    {
        name: "windows-host-process",
        title: "No Windows container runs on its host",
        severity: "critical",
        why: "A host process container has the run of its Windows node.",
        fix: "Remove windowsOptions.hostProcess.",
        link: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: CONTAINER_KINDS,
    },
    function* (pod) {
        for (const holder of [pod.spec, ...pod.containers.map((container) => container.view)]) {
            const place = holder.at("securityContext", "windowsOptions", "hostProcess");
            if (place.boolean() === true) yield finding(place, "this runs as a process of the Windows host");
        }
    },
);
