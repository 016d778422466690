import { POD_KINDS } from "../model/object.ts";
import { called, declaredPorts, hasPort } from "../model/pods.ts";
import { PROBES } from "../model/probes.ts";
import { containerRule, finding } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const probePort = containerRule(
    {
        name: "probe-port",
        title: "Each probe asks a port that its container declares",
        severity: "high",
        why: "A probe that asks a wrong port keeps the pod out of service, or restarts it for ever.",
        fix: "Declare the port in the container's ports, or let the probe name one that is there.",
        link: "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: POD_KINDS,
    },
    function* (container) {
        const ports = declaredPorts([container]);
        for (const name of PROBES) {
            for (const handler of ["httpGet", "tcpSocket", "grpc"]) {
                const asked = container.view.at(name, handler);
                const port = asked.at("port").scalar();
                if (asked.missing || port === UNKNOWN || ports === UNKNOWN || !asked.at("host").missing) continue;
                if (port === undefined)
                    yield finding(asked.at("port"), `${name} of ${called(container)} names no port`);
                else if (!hasPort(ports ?? [], port))
                    yield finding(asked.at("port"), `${called(container)} does not declare the port of its ${name}`);
            }
        }
    },
);
