import { POD_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";

export const sshPort = containerRule(
    {
        name: "ssh-port",
        title: "No container serves SSH",
        severity: "high",
        why: "A login into a container goes around the cluster's own access control and audit.",
        fix: "Remove port 22, and use kubectl exec.",
        link: "https://kubernetes.io/docs/tasks/debug/debug-application/get-shell-running-container/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: POD_KINDS,
    },
    function* (container) {
        for (const port of container.view.at("ports").items())
            if (port.at("containerPort").number() === 22)
                yield finding(port.at("containerPort"), `${called(container)} serves the port of SSH`);
    },
);
