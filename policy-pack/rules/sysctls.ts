import { POD_KINDS } from "../model/object.ts";
import { finding, podRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

/** The sysctls of the Pod Security Standard: they act inside the pod only. */
const SAFE = new Set([
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
]);

export const sysctls = podRule(
    {
        name: "sysctls",
        title: "Only safe sysctls are set",
        severity: "high",
        why: "Other sysctls act on the whole node.",
        fix: "Remove it, or have the node set it for everyone.",
        link: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: POD_KINDS,
    },
    function* (pod) {
        for (const sysctl of pod.spec.at("securityContext", "sysctls").items()) {
            const name = sysctl.at("name").string();
            if (name !== UNKNOWN && name !== undefined && !SAFE.has(name))
                yield finding(sysctl.at("name"), "this sysctl is not one of the safe ones");
        }
    },
);
