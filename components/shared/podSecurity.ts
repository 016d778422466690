/**
 * Security contexts that meet the "restricted" Pod Security Standard, with a read-only root file system on top.
 * Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
import type { types } from "@pulumi/kubernetes";

type PodSecurityContext = types.input.core.v1.PodSecurityContext;
type SecurityContext = types.input.core.v1.SecurityContext;

const firstUnprivilegedPort = 1024;

/**
 * Security context of a pod.
 * @param uid Uid and gid of its processes.
 * @param ports Ports that processes listen on. Those below 1024 are opened to non-root processes by a sysctl that
 *   "restricted" allows.
 */
export function podSecurityContext(uid: number, ports: readonly number[] = []): PodSecurityContext {
    const lowest = Math.min(...ports);
    return {
        runAsNonRoot: true,
        runAsUser: uid,
        runAsGroup: uid,
        fsGroup: uid,
        seccompProfile: { type: "RuntimeDefault" },
        ...(lowest < firstUnprivilegedPort && {
            sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: String(lowest) }],
        }),
    };
}

export const containerSecurityContext: Readonly<SecurityContext> = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    privileged: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    seccompProfile: { type: "RuntimeDefault" },
};
