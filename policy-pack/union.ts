/**
 * Every rule of the scanners of this field, and what has it here. Their names are facts taken from their catalogues;
 * a test reads this table, and the README's catalogue says by it which scanners have a rule.
 */

/** A scanner whose rules are mapped. */
export interface Scanner {
    readonly name: string;
    /** Where its catalogue is. */
    readonly source: string;
    readonly rules: Readonly<Record<string, Coverage>>;
}

/** Rules here that cover one of a scanner's, where they judge otherwise and why, or why none does. */
export type Coverage =
    | readonly string[]
    | { readonly rules: readonly string[]; readonly otherwise: string }
    | { readonly leftOut: string };

const MUTATES = { leftOut: "It adds objects by itself; a check cannot, and the objects are the program's to name." };
const OTHERS_PRODUCT = { leftOut: "It is about one product that this pack cannot judge from manifests." };

const VERSIONED =
    "With a fixed version the image of the node is the image of the registry; Always makes every start wait for it.";
const SPREAD = "Topology spread constraints do the same and more, and are what Kubernetes recommends.";
const JOBS = "A Job's container is not asked: nothing restarts or calls it.";
const TWO = "Two by default; the parameter minimumReplicas sets another number.";

/** All mapped scanners. */
export const UNION: readonly Scanner[] = [
    {
        name: "kube-linter",
        source: "https://docs.kubelinter.io/#/generated/checks",
        rules: {
            "access-to-create-pods": ["rbac-pods"],
            "access-to-secrets": ["rbac-secrets"],
            "cluster-admin-role-binding": ["rbac-cluster-admin"],
            "dangling-horizontalpodautoscaler": ["autoscaler-target"],
            "dangling-ingress": ["ingress-backend"],
            "dangling-networkpolicy": ["network-target"],
            "dangling-networkpolicypeer-podselector": ["network-peer"],
            "dangling-service": ["service-selector"],
            "dangling-servicemonitor": ["service-monitor"],
            "default-service-account": ["service-account"],
            "deprecated-service-account-field": ["service-account-field"],
            "dnsconfig-options": {
                leftOut:
                    "It tunes look-ups by dnsConfig; the cluster's default is right for most pods, and a demand for any value is noise.",
            },
            "docker-sock": ["runtime-socket"],
            "drop-net-raw-capability": ["capabilities-drop"],
            "duplicate-env-var": ["duplicate-env"],
            "env-value-from": ["reference-exists", "reference-key"],
            "env-var-secret": ["secret-in-env"],
            "exposed-services": ["service-type"],
            "host-ipc": ["host-namespaces"],
            "host-network": ["host-namespaces"],
            "host-pid": ["host-namespaces"],
            "hpa-minimum-three-replicas": { rules: ["autoscaler-range"], otherwise: TWO },
            "invalid-target-ports": ["container-ports", "service-port"],
            "job-ttl-seconds-after-finished": {
                rules: ["job-ttl"],
                otherwise:
                    "Off by default: a Job that removes itself is a difference that Pulumi makes good by running it again.",
            },
            "latest-tag": ["image-tag"],
            "liveness-port": ["probe-port"],
            "minimum-three-replicas": { rules: ["replicas"], otherwise: TWO },
            "mismatching-selector": ["selector-match"],
            "no-anti-affinity": { rules: ["topology-spread"], otherwise: SPREAD },
            "no-extensions-v1beta": ["removed-api"],
            "no-liveness-probe": { rules: ["liveness-probe"], otherwise: JOBS },
            "no-node-affinity": {
                leftOut: "Binding pods to certain nodes makes them less available, not more; it is right for few.",
            },
            "no-read-only-root-fs": ["read-only-root"],
            "no-readiness-probe": { rules: ["readiness-probe"], otherwise: JOBS },
            "no-rolling-update-strategy": ["rolling-update"],
            "non-existent-service-account": ["service-account-exists"],
            "non-isolated-pod": ["network-isolation"],
            "pdb-max-unavailable": ["disruption-budget-deadlock"],
            "pdb-min-available": ["disruption-budget-deadlock"],
            "pdb-unhealthy-pod-eviction-policy": ["disruption-budget-eviction"],
            "priority-class-name": {
                rules: ["priority-class"],
                otherwise: "Off by default: classes belong to the cluster's owner.",
            },
            "privilege-escalation-container": ["privilege-escalation"],
            "privileged-container": ["privileged"],
            "privileged-ports": {
                rules: ["privileged-ports"],
                otherwise:
                    "A pod that sets the safe sysctl for unprivileged ports may open the port without any right.",
            },
            "read-secret-from-env-var": {
                rules: ["secret-env-reference"],
                otherwise:
                    "Off by default: most programs read variables, and the pack looks for secrets in plain sight instead.",
            },
            "readiness-port": ["probe-port"],
            "required-annotation-email": {
                rules: ["annotations"],
                otherwise: "The parameter requiredAnnotations says which; none by default.",
            },
            "required-label-owner": {
                rules: ["labels"],
                otherwise: "The parameter requiredLabels says which labels; none is an owner by default.",
            },
            "restart-policy": {
                rules: ["restart-policy"],
                otherwise:
                    "Always is the default and the only value that these kinds may have, so that it need not be written.",
            },
            "run-as-non-root": ["run-as-non-root", "file-system-group"],
            "scc-deny-privileged-container": ["privileged-scc"],
            "schema-validation": {
                leftOut:
                    "The API server validates the schema in every preview; object-shape reports the fields that rules could not read.",
            },
            "sensitive-host-mounts": ["host-path"],
            "sorted-keys": { leftOut: "The order of keys in a file changes nothing in the cluster." },
            "ssh-port": ["ssh-port"],
            "startup-port": ["probe-port"],
            "unsafe-proc-mount": ["proc-mount"],
            "unsafe-sysctls": {
                rules: ["sysctls"],
                otherwise: "The safe list of the Pod Security Standard counts; the scanner refuses all of net.*.",
            },
            "unset-cpu-requirements": ["cpu-request", "cpu-limit"],
            "unset-memory-requirements": ["memory-request", "memory-limit"],
            "use-namespace": ["namespace-default"],
            "wildcard-in-rules": ["rbac-wildcard"],
            "writable-host-mount": ["host-path"],
        },
    },
    {
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
            "networkpolicy-targets-pod": ["network-target"],
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
            "label-values": ["label-values"],
            "horizontalpodautoscaler-has-target": ["autoscaler-target"],
            "horizontalpodautoscaler-replicas": ["autoscaler-range"],
            "pod-topology-spread-constraints": ["topology-spread"],
        },
    },
    {
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
                otherwise: "Beside an autoscaler the number has to be left out (autoscaler-replicas).",
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
                otherwise:
                    "The whole semantics of selectors and policy types counts; the scanner compares single labels.",
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
    },
    {
        name: "Kyverno",
        source: "https://kyverno.io/policies/",
        rules: {
            "disallow-capabilities": ["capabilities-add"],
            "disallow-host-namespaces": ["host-namespaces"],
            "disallow-host-path": ["host-path"],
            "disallow-host-ports": ["host-ports"],
            "disallow-host-ports-range": ["host-ports"],
            "disallow-host-process": ["windows-host-process"],
            "disallow-privileged-containers": ["privileged"],
            "disallow-proc-mount": ["proc-mount"],
            "disallow-selinux": ["selinux-options"],
            "restrict-apparmor-profiles": ["apparmor-profile"],
            "restrict-seccomp": ["seccomp-profile"],
            "restrict-sysctls": ["sysctls"],
            "disallow-capabilities-strict": ["capabilities-drop", "capabilities-add"],
            "disallow-privilege-escalation": ["privilege-escalation"],
            "require-run-as-non-root-user": ["run-as-non-root", "user-id"],
            "require-run-as-nonroot": ["run-as-non-root"],
            "restrict-seccomp-strict": ["seccomp-profile"],
            "restrict-volume-types": ["volume-types", "host-path"],
            "add-network-policy": ["network-default-deny"],
            "add-networkpolicy-dns": ["network-dns"],
            "add-ns-quota": ["namespace-quota"],
            "add-rolebinding": MUTATES,
            "add-safe-to-evict": MUTATES,
            "check-deprecated-apis": ["removed-api", "deprecated-api"],
            "disallow-cri-sock-mount": ["runtime-socket"],
            "disallow-default-namespace": ["namespace-default"],
            "disallow-empty-ingress-host": ["ingress-host"],
            "disallow-helm-tiller": OTHERS_PRODUCT,
            "disallow-latest-tag": ["image-tag"],
            "require-drop-all": ["capabilities-drop"],
            "require-drop-cap-net-raw": ["capabilities-drop"],
            "require-labels": ["labels"],
            "require-pod-requests-limits": ["cpu-request", "memory-request", "memory-limit"],
            "require-probes": ["liveness-probe", "readiness-probe", "probes-differ"],
            "require-ro-rootfs": ["read-only-root"],
            "restrict-image-registries": ["image-registry"],
            "restrict-node-port": ["service-type"],
            "restrict-service-external-ips": ["service-external-ips"],
        },
    },
    {
        name: "Pulumi",
        source: "https://github.com/pulumi/compliance-policies",
        rules: {
            configureMinimumReplicaCount: ["replicas"],
            configureRecommendedLabels: ["labels"],
            disallowAlphaResource: ["unstable-api"],
            disallowBetaResource: ["unstable-api", "removed-api"],
            disallowLoadBalancer: ["service-type"],
            disallowPod: ["bare-pod"],
            disallowZeroVoluntaryDisruption: ["disruption-budget-deadlock"],
            enableReadOnlyRootFilesystem: ["read-only-root"],
            "minimum-replica-count": ["replicas"],
            "no-public-services": ["service-type"],
            "pods-are-prohibited": ["bare-pod"],
        },
    },
];

/** The scanners that have a rule of this name's kind. */
export function scannersOf(rule: string): readonly string[] {
    const has = ({ rules }: Scanner): boolean => Object.values(rules).some((ours) => coveredBy(ours).includes(rule));
    return UNION.filter(has).map(({ name }) => name);
}

/** The rules here that cover one of a scanner's. */
export function coveredBy(coverage: Coverage): readonly string[] {
    if ("leftOut" in coverage) return [];
    return "rules" in coverage ? coverage.rules : coverage;
}
