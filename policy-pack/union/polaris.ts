import type { Scanner } from "./scanner.ts";
import { VERSIONED } from "./reasons.ts";

/** The rules of Polaris, and what has them here. */
export const polaris: Scanner = {
    name: "Polaris",
    source: "https://polaris.docs.fairwinds.com/checks/security/",
    rules: {
        automountServiceAccountToken: ["service-account-token"],
        clusterrolePodExecAttach: ["rbac-pods"],
        clusterrolebindingClusterAdmin: ["rbac-cluster-admin"],
        clusterrolebindingPodExecAttach: ["rbac-pods"],
        cpuLimitsMissing: ["cpu-limit"],
        cpuRequestsMissing: ["cpu-request"],
        dangerousCapabilities: ["capabilities-add"],
        deploymentMissingReplicas: {
            rules: ["replicas"],
            otherwise:
                "Beside an autoscaler the number is left out, or its minimum to start with (autoscaler-replicas).",
        },
        hostIPCSet: ["host-namespaces"],
        hostNetworkSet: ["host-namespaces"],
        hostPIDSet: ["host-namespaces"],
        hostPathSet: ["host-path"],
        hostPortSet: ["host-ports"],
        hostProcess: ["windows-host-process"],
        hpaMaxAvailability: ["autoscaler-range"],
        hpaMinAvailability: ["autoscaler-range"],
        insecureCapabilities: ["capabilities-drop", "capabilities-add"],
        linuxHardening: ["seccomp-profile", "capabilities-drop", "apparmor-profile", "selinux-options"],
        livenessProbeMissing: ["liveness-probe"],
        memoryLimitsMissing: ["memory-limit"],
        memoryRequestsMissing: ["memory-request"],
        metadataAndInstanceMismatched: {
            leftOut:
                "It wants the label instance to be the name of each object, which is against the recommended labels: instance names the whole installation.",
        },
        missingNetworkPolicy: {
            rules: ["network-isolation"],
            otherwise: "The whole semantics of selectors and policy types counts; the scanner compares single labels.",
        },
        missingPodDisruptionBudget: ["disruption-budget"],
        notReadOnlyRootFilesystem: ["read-only-root"],
        pdbDisruptionsIsZero: ["disruption-budget-deadlock"],
        pdbMinAvailableGreaterThanHPAMinReplicas: ["disruption-budget-deadlock"],
        priorityClassNotSet: {
            rules: ["priority-class"],
            otherwise: "Off by default: classes belong to the cluster's owner.",
        },
        privilegeEscalationAllowed: ["privilege-escalation"],
        procMount: ["proc-mount"],
        pullPolicyNotAlways: { rules: ["image-pull-policy"], otherwise: VERSIONED },
        readinessProbeMissing: ["readiness-probe"],
        rolePodExecAttach: ["rbac-pods"],
        rolebindingClusterAdminClusterRole: ["rbac-cluster-admin"],
        rolebindingClusterAdminRole: ["rbac-wildcard"],
        rolebindingClusterRolePodExecAttach: ["rbac-pods"],
        rolebindingRolePodExecAttach: ["rbac-pods"],
        runAsPrivileged: ["privileged"],
        runAsRootAllowed: ["run-as-non-root"],
        sensitiveConfigmapContent: ["secret-in-config-map"],
        sensitiveContainerEnvVar: ["secret-in-env"],
        tagNotSpecified: ["image-tag"],
        tlsSettingsMissing: ["ingress-tls"],
        topologySpreadConstraint: {
            rules: ["topology-spread"],
            otherwise: "A workload with one replica has nothing to spread.",
        },
    },
};
