import { LONG_RUNNING_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";

export const livenessProbe = containerRule(
    {
        name: "liveness-probe",
        title: "Each container that stays has a liveness probe",
        severity: "medium",
        why: "A container that hangs without exiting is never restarted.",
        fix: "Add a livenessProbe that fails only when a restart helps.",
        link: "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: LONG_RUNNING_KINDS,
        roles: ["container", "sidecar"],
    },
    function* (container, pod) {
        const probe = container.view.at("livenessProbe");
        if (pod.longRunning && probe.missing) yield finding(probe, `${called(container)} has no liveness probe`);
    },
);
