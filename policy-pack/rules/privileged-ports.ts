import { POD_KINDS } from "../model/object.ts";
import { called, effective, type Container, type Pod } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const privilegedPorts = containerRule(
    {
        name: "privileged-ports",
        title: "Ports below 1024 are ones that the container may open",
        severity: "medium",
        why: "A process that is not root cannot open such a port, and the way out that people take is root.",
        fix: "Listen on a port from 1024 up, or set the safe sysctl net.ipv4.ip_unprivileged_port_start on the pod.",
        link: "https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/",
        levels: ["disabled", "mandatory", "mandatory"],
        kinds: POD_KINDS,
        roles: ["container", "init", "sidecar"],
    },
    function* (container, pod) {
        const start = firstOpenPort(pod);
        if (start === UNKNOWN || mayBindAll(pod, container)) return;
        for (const port of container.view.at("ports").items()) {
            const number = port.at("containerPort").number();
            if (number !== UNKNOWN && number !== undefined && number < start)
                yield finding(port.at("containerPort"), `${called(container)} has a port that it may not open`);
        }
    },
);

function firstOpenPort(pod: Pod): number | typeof UNKNOWN {
    for (const sysctl of pod.spec.at("securityContext", "sysctls").items()) {
        if (sysctl.at("name").string() !== "net.ipv4.ip_unprivileged_port_start") continue;
        const value = sysctl.at("value").string();
        return value === UNKNOWN ? UNKNOWN : Number(value ?? 1024);
    }
    return 1024;
}

/** Root with the capability; other rules say what they think of that. */
function mayBindAll(pod: Pod, container: Container): boolean {
    const added = container.view.at("securityContext", "capabilities", "add").items();
    const bind = added.some((item) => item.string() === "NET_BIND_SERVICE");
    return bind && effective(pod, container, "runAsUser").number() === 0;
}
