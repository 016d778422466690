import { annotations } from "./annotations.ts";
import { apparmorProfile } from "./apparmor-profile.ts";
import { autoscalerRange } from "./autoscaler-range.ts";
import { autoscalerReplicas } from "./autoscaler-replicas.ts";
import { autoscalerRequests } from "./autoscaler-requests.ts";
import { autoscalerTarget } from "./autoscaler-target.ts";
import { barePod } from "./bare-pod.ts";
import { capabilitiesAdd } from "./capabilities-add.ts";
import { capabilitiesDrop } from "./capabilities-drop.ts";
import { containerPorts } from "./container-ports.ts";
import { cpuLimit } from "./cpu-limit.ts";
import { cpuRequest } from "./cpu-request.ts";
import { cronjobConcurrency } from "./cronjob-concurrency.ts";
import { cronjobHistory } from "./cronjob-history.ts";
import { cronjobStartingDeadline } from "./cronjob-starting-deadline.ts";
import { databaseTls } from "./database-tls.ts";
import { deprecatedApi } from "./deprecated-api.ts";
import { disruptionBudgetDeadlock } from "./disruption-budget-deadlock.ts";
import { disruptionBudgetEviction } from "./disruption-budget-eviction.ts";
import { disruptionBudgetFields } from "./disruption-budget-fields.ts";
import { disruptionBudgetOverlap } from "./disruption-budget-overlap.ts";
import { disruptionBudgetTarget } from "./disruption-budget-target.ts";
import { disruptionBudget } from "./disruption-budget.ts";
import { duplicateEnv } from "./duplicate-env.ts";
import { emptyDirLimit } from "./empty-dir-limit.ts";
import { ephemeralStorageLimit } from "./ephemeral-storage-limit.ts";
import { ephemeralStorageRequest } from "./ephemeral-storage-request.ts";
import { exemptions } from "./exemptions.ts";
import { fileSystemGroup } from "./file-system-group.ts";
import { gatewayRedirect } from "./gateway-redirect.ts";
import { gatewayTls } from "./gateway-tls.ts";
import { gracePeriod } from "./grace-period.ts";
import { groupId } from "./group-id.ts";
import { hostNamespaces } from "./host-namespaces.ts";
import { hostPath } from "./host-path.ts";
import { hostPorts } from "./host-ports.ts";
import { imageDigest } from "./image-digest.ts";
import { imagePullPolicy } from "./image-pull-policy.ts";
import { imageRegistry } from "./image-registry.ts";
import { imageTag } from "./image-tag.ts";
import { ingressBackend } from "./ingress-backend.ts";
import { ingressClass } from "./ingress-class.ts";
import { ingressHost } from "./ingress-host.ts";
import { ingressIssuer } from "./ingress-issuer.ts";
import { ingressRedirect } from "./ingress-redirect.ts";
import { ingressSnippets } from "./ingress-snippets.ts";
import { ingressTls } from "./ingress-tls.ts";
import { jobBackoff } from "./job-backoff.ts";
import { jobDeadline } from "./job-deadline.ts";
import { jobTtl } from "./job-ttl.ts";
import { labels } from "./labels.ts";
import { livenessProbe } from "./liveness-probe.ts";
import { memoryLimit } from "./memory-limit.ts";
import { memoryRequest } from "./memory-request.ts";
import { namespaceDefault } from "./namespace-default.ts";
import { namespacePodSecurity } from "./namespace-pod-security.ts";
import { namespaceQuota } from "./namespace-quota.ts";
import { networkAllowAll } from "./network-allow-all.ts";
import { networkDefaultDeny } from "./network-default-deny.ts";
import { networkDns } from "./network-dns.ts";
import { networkInternet } from "./network-internet.ts";
import { networkIsolation } from "./network-isolation.ts";
import { networkPeer } from "./network-peer.ts";
import { networkPorts } from "./network-ports.ts";
import { networkTarget } from "./network-target.ts";
import { objectShape } from "./object-shape.ts";
import { nodePortRange } from "./node-port-range.ts";
import { priorityClass } from "./priority-class.ts";
import { privilegeEscalation } from "./privilege-escalation.ts";
import { privilegedPorts } from "./privileged-ports.ts";
import { privilegedScc } from "./privileged-scc.ts";
import { privileged } from "./privileged.ts";
import { probeHandler } from "./probe-handler.ts";
import { probePort } from "./probe-port.ts";
import { probesDiffer } from "./probes-differ.ts";
import { procMount } from "./proc-mount.ts";
import { rbacAnonymous } from "./rbac-anonymous.ts";
import { rbacClusterAdmin } from "./rbac-cluster-admin.ts";
import { rbacEscalation } from "./rbac-escalation.ts";
import { rbacPods } from "./rbac-pods.ts";
import { rbacSecrets } from "./rbac-secrets.ts";
import { rbacWildcard } from "./rbac-wildcard.ts";
import { readOnlyRoot } from "./read-only-root.ts";
import { readinessProbe } from "./readiness-probe.ts";
import { referenceExists } from "./reference-exists.ts";
import { referenceKey } from "./reference-key.ts";
import { releaseAtomic } from "./release-atomic.ts";
import { releaseHistory } from "./release-history.ts";
import { releaseName } from "./release-name.ts";
import { releaseNamespace } from "./release-namespace.ts";
import { releaseRender } from "./release-render.ts";
import { releaseTimeout } from "./release-timeout.ts";
import { releaseValidation } from "./release-validation.ts";
import { releaseVersion } from "./release-version.ts";
import { removedApi } from "./removed-api.ts";
import { replicas } from "./replicas.ts";
import { requestWithinLimit } from "./request-within-limit.ts";
import { resourceMagnitude } from "./resource-magnitude.ts";
import { restartPolicy } from "./restart-policy.ts";
import { rollingUpdate } from "./rolling-update.ts";
import { routeBackend } from "./route-backend.ts";
import { runAsNonRoot } from "./run-as-non-root.ts";
import { runtimeSocket } from "./runtime-socket.ts";
import { seccompProfile } from "./seccomp-profile.ts";
import { secretEnvReference } from "./secret-env-reference.ts";
import { secretInAnnotations } from "./secret-in-annotations.ts";
import { secretInArgs } from "./secret-in-args.ts";
import { secretInConfigMap } from "./secret-in-config-map.ts";
import { secretInEnv } from "./secret-in-env.ts";
import { secretInReleaseValues } from "./secret-in-release-values.ts";
import { selectorMatch } from "./selector-match.ts";
import { selectorOverlap } from "./selector-overlap.ts";
import { selinuxOptions } from "./selinux-options.ts";
import { serviceAccountAutomount } from "./service-account-automount.ts";
import { serviceAccountExists } from "./service-account-exists.ts";
import { serviceAccountField } from "./service-account-field.ts";
import { serviceAccountToken } from "./service-account-token.ts";
import { serviceAccount } from "./service-account.ts";
import { serviceExternalIps } from "./service-external-ips.ts";
import { serviceMonitor } from "./service-monitor.ts";
import { servicePort } from "./service-port.ts";
import { serviceSelector } from "./service-selector.ts";
import { serviceType } from "./service-type.ts";
import { sshPort } from "./ssh-port.ts";
import { statefulProtected } from "./stateful-protected.ts";
import { statefulsetService } from "./statefulset-service.ts";
import { sysctls } from "./sysctls.ts";
import { topologySpread } from "./topology-spread.ts";
import { unknownValues } from "./unknown-values.ts";
import { unstableApi } from "./unstable-api.ts";
import { userId } from "./user-id.ts";
import { volumeRetention } from "./volume-retention.ts";
import { volumeTypes } from "./volume-types.ts";
import { windowsHostProcess } from "./windows-host-process.ts";

import type { ObjectRule, Rule, StackRule } from "../model/rule.ts";

/** All rules, by topic, in the order of the catalogue. */
export const TOPICS: Readonly<Record<string, readonly Rule[]>> = {
    "The run itself": [objectShape, unknownValues, exemptions, releaseRender],
    Probes: [livenessProbe, readinessProbe, probeHandler, probePort, probesDiffer],
    Resources: [
        cpuRequest,
        cpuLimit,
        memoryRequest,
        memoryLimit,
        ephemeralStorageRequest,
        ephemeralStorageLimit,
        requestWithinLimit,
        resourceMagnitude,
        emptyDirLimit,
    ],
    Images: [imageTag, imageDigest, imageRegistry, imagePullPolicy],
    "Pod security": [
        privileged,
        privilegeEscalation,
        capabilitiesDrop,
        capabilitiesAdd,
        runAsNonRoot,
        userId,
        groupId,
        fileSystemGroup,
        readOnlyRoot,
        seccompProfile,
        apparmorProfile,
        selinuxOptions,
        procMount,
        windowsHostProcess,
        sysctls,
        volumeTypes,
        hostPath,
        runtimeSocket,
        hostNamespaces,
        hostPorts,
        privilegedPorts,
        sshPort,
    ],
    "Accounts and rights": [
        serviceAccount,
        serviceAccountExists,
        serviceAccountField,
        serviceAccountToken,
        serviceAccountAutomount,
        rbacWildcard,
        rbacClusterAdmin,
        rbacSecrets,
        rbacPods,
        rbacEscalation,
        rbacAnonymous,
        privilegedScc,
    ],
    Availability: [
        replicas,
        disruptionBudget,
        disruptionBudgetFields,
        disruptionBudgetDeadlock,
        disruptionBudgetEviction,
        disruptionBudgetTarget,
        disruptionBudgetOverlap,
        topologySpread,
        rollingUpdate,
        gracePeriod,
        priorityClass,
        barePod,
        selectorMatch,
        selectorOverlap,
    ],
    Autoscaling: [autoscalerTarget, autoscalerReplicas, autoscalerRange, autoscalerRequests],
    Services: [serviceSelector, servicePort, nodePortRange, serviceType, serviceExternalIps, serviceMonitor],
    Ingress: [ingressTls, ingressIssuer, ingressRedirect, ingressHost, ingressClass, ingressBackend, ingressSnippets],
    "Gateway API": [gatewayTls, gatewayRedirect, routeBackend],
    "Network policies": [
        networkIsolation,
        networkDefaultDeny,
        networkAllowAll,
        networkInternet,
        networkPorts,
        networkTarget,
        networkPeer,
        networkDns,
    ],
    Jobs: [restartPolicy, cronjobConcurrency, cronjobStartingDeadline, cronjobHistory, jobDeadline, jobBackoff, jobTtl],
    "Labels and namespaces": [labels, annotations, namespaceDefault, namespacePodSecurity, namespaceQuota],
    "Secrets and configuration": [
        secretInEnv,
        secretInArgs,
        secretInConfigMap,
        secretInAnnotations,
        secretInReleaseValues,
        secretEnvReference,
        containerPorts,
        duplicateEnv,
        referenceKey,
        referenceExists,
        databaseTls,
    ],
    "API versions": [removedApi, deprecatedApi, unstableApi],
    "Stateful resources": [statefulProtected, statefulsetService, volumeRetention],
    "Helm releases": [
        releaseAtomic,
        releaseTimeout,
        releaseHistory,
        releaseName,
        releaseNamespace,
        releaseVersion,
        releaseValidation,
    ],
};

export const RULES: readonly Rule[] = Object.values(TOPICS).flat();

/** Rules on one object alone. */
export const OBJECT_RULES: readonly ObjectRule[] = RULES.filter((rule) => rule.scope === "object");

/** Rules on relations. */
export const STACK_RULES: readonly StackRule[] = RULES.filter((rule) => rule.scope === "stack");
