import { apparmorProfile } from "./apparmor-profile.ts";
import { capabilitiesAdd } from "./capabilities-add.ts";
import { capabilitiesDrop } from "./capabilities-drop.ts";
import { containerPorts } from "./container-ports.ts";
import { cpuLimit } from "./cpu-limit.ts";
import { cpuRequest } from "./cpu-request.ts";
import { ephemeralStorageLimit } from "./ephemeral-storage-limit.ts";
import { ephemeralStorageRequest } from "./ephemeral-storage-request.ts";
import { exemptions } from "./exemptions.ts";
import { fileSystemGroup } from "./file-system-group.ts";
import { groupId } from "./group-id.ts";
import { hostNamespaces } from "./host-namespaces.ts";
import { hostPath } from "./host-path.ts";
import { hostPorts } from "./host-ports.ts";
import { imageDigest } from "./image-digest.ts";
import { imagePullPolicy } from "./image-pull-policy.ts";
import { imageRegistry } from "./image-registry.ts";
import { imageTag } from "./image-tag.ts";
import { livenessProbe } from "./liveness-probe.ts";
import { memoryLimit } from "./memory-limit.ts";
import { memoryRequest } from "./memory-request.ts";
import { objectShape } from "./object-shape.ts";
import { privilegeEscalation } from "./privilege-escalation.ts";
import { privilegedPorts } from "./privileged-ports.ts";
import { privileged } from "./privileged.ts";
import { probeHandler } from "./probe-handler.ts";
import { probePort } from "./probe-port.ts";
import { probesDiffer } from "./probes-differ.ts";
import { procMount } from "./proc-mount.ts";
import { readOnlyRoot } from "./read-only-root.ts";
import { readinessProbe } from "./readiness-probe.ts";
import { releaseRender } from "./release-render.ts";
import { requestWithinLimit } from "./request-within-limit.ts";
import { runAsNonRoot } from "./run-as-non-root.ts";
import { runtimeSocket } from "./runtime-socket.ts";
import { seccompProfile } from "./seccomp-profile.ts";
import { selinuxOptions } from "./selinux-options.ts";
import { serviceAccountAutomount } from "./service-account-automount.ts";
import { serviceAccountExists } from "./service-account-exists.ts";
import { serviceAccountField } from "./service-account-field.ts";
import { serviceAccountToken } from "./service-account-token.ts";
import { serviceAccount } from "./service-account.ts";
import { sshPort } from "./ssh-port.ts";
import { sysctls } from "./sysctls.ts";
import { unknownValues } from "./unknown-values.ts";
import { userId } from "./user-id.ts";
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
    ],
    Availability: [],
    Autoscaling: [],
    Services: [],
    Ingress: [],
    "Network policies": [],
    Jobs: [],
    "Labels and namespaces": [],
    "Secrets and configuration": [containerPorts],
    "API versions": [],
    "Stateful resources": [],
    "Helm releases": [],
};

/** All rules. */
export const RULES: readonly Rule[] = Object.values(TOPICS).flat();

/** Rules on one object alone. */
export const OBJECT_RULES: readonly ObjectRule[] = RULES.filter((rule) => rule.scope === "object");

/** Rules on relations. */
export const STACK_RULES: readonly StackRule[] = RULES.filter((rule) => rule.scope === "stack");
