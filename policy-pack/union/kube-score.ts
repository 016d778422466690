import type { Scanner } from "./scanner.ts";
import { SOLVER, SPREAD, VERSIONED } from "./reasons.ts";

/** The rules of kube-score, and what has them here. */
export const kubeScore: Scanner = {
    name: "kube-score",
    source: "https://github.com/zegl/kube-score/blob/master/README_CHECKS.md",
    rules: {
        "deployment-strategy": ["rolling-update"],
        "deployment-replicas": ["replicas"],
        "ingress-targets-service": ["ingress-backend"],
        "cronjob-has-deadline": ["cronjob-starting-deadline"],
        "cronjob-restartpolicy": ["restart-policy"],
        "container-resources": ["cpu-request", "cpu-limit", "memory-request", "memory-limit"],
        "container-resource-requests-equal-limits": {
            leftOut:
                "Equal requests and limits are the guaranteed class, which most services pay for without using it.",
        },
        "container-cpu-requests-equal-limits": {
            leftOut: "A service that may burst needs a CPU limit above its request.",
        },
        "container-memory-requests-equal-limits": {
            leftOut: "As for CPU; request-within-limit refuses what cannot work.",
        },
        "container-image-tag": ["image-tag"],
        "container-image-pull-policy": { rules: ["image-pull-policy"], otherwise: VERSIONED },
        "container-ephemeral-storage-request-and-limit": ["ephemeral-storage-request", "ephemeral-storage-limit"],
        "container-ephemeral-storage-request-equals-limit": {
            leftOut: "Scratch space is needed in bursts; request-within-limit refuses what cannot work.",
        },
        "container-ports-check": ["container-ports"],
        "environment-variable-key-duplication": ["duplicate-env"],
        "statefulset-has-poddisruptionbudget": ["disruption-budget"],
        "deployment-has-poddisruptionbudget": ["disruption-budget"],
        "poddisruptionbudget-has-policy": ["disruption-budget-fields"],
        "pod-networkpolicy": ["network-isolation"],
        "networkpolicy-targets-pod": { rules: ["network-target"], otherwise: SOLVER },
        "pod-probes": ["liveness-probe", "readiness-probe"],
        "pod-probes-identical": {
            rules: ["probes-differ"],
            otherwise:
                "Timings count too: the same question, asked for longer before a restart, is a sound liveness probe.",
        },
        "container-security-context-user-group-id": ["user-id", "group-id"],
        "container-security-context-privileged": ["privileged"],
        "container-security-context-readonlyrootfilesystem": ["read-only-root"],
        "container-seccomp-profile": ["seccomp-profile"],
        "service-targets-pod": ["service-selector"],
        "service-type": ["service-type"],
        "stable-version": ["removed-api", "deprecated-api", "unstable-api"],
        "deployment-has-host-podantiaffinity": { rules: ["topology-spread"], otherwise: SPREAD },
        "statefulset-has-host-podantiaffinity": { rules: ["topology-spread"], otherwise: SPREAD },
        "deployment-targeted-by-hpa-does-not-have-replicas-configured": ["autoscaler-replicas"],
        "statefulset-has-servicename": ["statefulset-service"],
        "deployment-pod-selector-labels-match-template-metadata-labels": ["selector-match"],
        "statefulset-pod-selector-labels-match-template-metadata-labels": ["selector-match"],
        "label-values": ["object-shape"],
        "horizontalpodautoscaler-has-target": ["autoscaler-target"],
        "horizontalpodautoscaler-replicas": ["autoscaler-range"],
        "pod-topology-spread-constraints": ["topology-spread"],
    },
};
