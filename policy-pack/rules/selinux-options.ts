import { CONTAINER_KINDS } from "../model/object.ts";
import { finding, podRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

const TYPES = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

export const selinuxOptions = podRule(
    {
        name: "selinux-options",
        title: "SELinux options stay within the container types",
        severity: "high",
        why: "Another type, user or role takes the pod out of SELinux's confinement of containers.",
        fix: "Remove seLinuxOptions, or keep to the type container_t and its kin, without user and role.",
        link: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: CONTAINER_KINDS,
    },
    function* (pod) {
        for (const holder of [pod.spec, ...pod.containers.map((container) => container.view)]) {
            const options = holder.at("securityContext", "seLinuxOptions");
            const type = options.at("type").string() ?? "";
            if (type !== UNKNOWN && !TYPES.includes(type))
                yield finding(options.at("type"), "this SELinux type is none of a container");
            for (const field of ["user", "role"]) {
                const value = options.at(field).string() ?? "";
                if (value !== UNKNOWN && value !== "") yield finding(options.at(field), `an SELinux ${field} is set`);
            }
        }
    },
);
