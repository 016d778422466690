import { LONG_RUNNING_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";

export const readinessProbe = containerRule(
    {
        name: "readiness-probe",
        title: "Each container that stays has a readiness probe",
        severity: "medium",
        why: "Traffic reaches the pod before it can answer, and a broken rollout goes on.",
        fix: "Add a readinessProbe that passes only when the container can serve.",
        link: "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: LONG_RUNNING_KINDS,
        roles: ["container", "sidecar"],
    },
    function* (container, pod) {
        const probe = container.view.at("readinessProbe");
        if (pod.longRunning && probe.missing) yield finding(probe, `${called(container)} has no readiness probe`);
    },
);
