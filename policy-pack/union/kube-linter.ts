import type { Scanner } from "./scanner.ts";
import { SOLVER, SPREAD } from "./reasons.ts";

const JOBS = "A Job's container is not asked: nothing restarts or calls it.";
const TWO = "Two by default; the parameter minimumReplicas sets another number.";

/** The rules of kube-linter, and what has them here. */
export const kubeLinter: Scanner = {
    name: "kube-linter",
    source: "https://docs.kubelinter.io/#/generated/checks",
    rules: {
        "access-to-create-pods": ["rbac-pods"],
        "access-to-secrets": ["rbac-secrets"],
        "cluster-admin-role-binding": ["rbac-cluster-admin"],
        "dangling-horizontalpodautoscaler": ["autoscaler-target"],
        "dangling-ingress": ["ingress-backend"],
        "dangling-networkpolicy": { rules: ["network-target"], otherwise: SOLVER },
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
            otherwise: "A pod that sets the safe sysctl for unprivileged ports may open the port without any right.",
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
        "schema-validation": ["object-shape"],
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
};
