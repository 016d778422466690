/** What every pod of the chart must be: the "restricted" Pod Security Standard, and this project's own rules on top. */
import type { V1Container, V1PodSpec, V1Probe } from "@kubernetes/client-node";

/** Every breach in one pod, as `path: what`. Knows nothing of the chart's helpers, on purpose. */
export function breaches(pod: V1PodSpec): string[] {
    const found: string[] = [];
    const check = (holds: boolean, what: string): void => {
        if (!holds) found.push(what);
    };
    check(pod.automountServiceAccountToken === false, "pod: mounts a token");
    check(pod.enableServiceLinks === false, "pod: gets every Service's address as variables");
    check(!!pod.serviceAccountName && pod.serviceAccountName !== "default", "pod: has no account of its own");
    check((pod.terminationGracePeriodSeconds ?? 0) >= 30, "pod: is killed too soon");
    check(!pod.hostNetwork && !pod.hostPID && !pod.hostIPC, "pod: shares a namespace of the host");
    const pods = pod.securityContext;
    check(pods?.runAsNonRoot === true, "pod: may be root");
    check((pods?.runAsUser ?? 0) > 10_000, "pod: user");
    check((pods?.runAsGroup ?? 0) > 10_000, "pod: group");
    check((pods?.fsGroup ?? 0) > 10_000, "pod: group of the volumes");
    check(pods?.fsGroupChangePolicy === "OnRootMismatch", "pod: re-owns its volumes at each start");
    check(pods?.seccompProfile?.type === "RuntimeDefault", "pod: seccomp profile");
    check(!pods?.sysctls, "pod: sets sysctls");
    for (const volume of pod.volumes ?? []) {
        const kinds = Object.keys(volume).filter((key) => key !== "name");
        const allowed = kinds.every((kind) =>
            ["configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret"].includes(kind),
        );
        check(kinds.length === 1 && allowed, `${volume.name}: kind of volume`);
        check(!volume.emptyDir || !!volume.emptyDir.sizeLimit, `${volume.name}: no size limit`);
    }
    for (const container of [...pod.containers, ...(pod.initContainers ?? [])]) found.push(...inContainer(container));
    for (const container of pod.containers) found.push(...inProbes(container));
    return found;
}

function inContainer(container: V1Container): string[] {
    const found: string[] = [];
    const check = (holds: boolean, what: string): void => {
        if (!holds) found.push(`${container.name}: ${what}`);
    };
    const context = container.securityContext;
    check(context?.allowPrivilegeEscalation === false, "may gain privileges");
    check(context?.privileged === false, "privileged");
    check(context?.readOnlyRootFilesystem === true, "writable root");
    check(context?.runAsNonRoot === true, "may be root");
    check((context?.runAsUser ?? 0) > 10_000, "user");
    check((context?.runAsGroup ?? 0) > 10_000, "group");
    check(context?.seccompProfile?.type === "RuntimeDefault", "seccomp profile");
    check(context?.capabilities?.drop?.join() === "ALL", "keeps capabilities");
    check(!context?.capabilities?.add, "adds capabilities");
    for (const amount of ["cpu", "memory", "ephemeral-storage"]) {
        check(!!container.resources?.requests?.[amount], `requests no ${amount}`);
        check(!!container.resources?.limits?.[amount], `no limit of ${amount}`);
    }
    check(/^[^:@]+(:[^:@]+)?(@sha256:[0-9a-f]{64})?$/.test(container.image ?? ""), "image");
    check(/[:@]/.test(container.image ?? "") && !/:latest$/.test(container.image ?? ""), "image without a version");
    check(["Always", "IfNotPresent", "Never"].includes(container.imagePullPolicy ?? ""), "pull policy");
    for (const port of container.ports ?? []) {
        check(!!port.name && port.name.length <= 15, `port ${port.containerPort}: name`);
        check(!port.hostPort, `port ${port.containerPort}: on the host`);
    }
    return found;
}

function inProbes(container: V1Container): string[] {
    const action = (probe: V1Probe | undefined): string =>
        JSON.stringify(probe?.exec ?? probe?.httpGet ?? probe?.tcpSocket);
    const found: string[] = [];
    if (!container.livenessProbe) found.push(`${container.name}: no liveness probe`);
    if (!container.readinessProbe) found.push(`${container.name}: no readiness probe`);
    if (action(container.livenessProbe) === action(container.readinessProbe)) {
        found.push(`${container.name}: the two probes ask the same`);
    }
    return found;
}
