import { POD_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { HANDLERS, PROBES } from "../model/probes.ts";
import { containerRule, finding } from "../model/rule.ts";

export const probeHandler = containerRule(
    {
        name: "probe-handler",
        title: "Each probe asks in exactly one way",
        severity: "high",
        why: "A probe without a handler checks nothing, and one with two is refused by the API server.",
        fix: "Give the probe one of httpGet, tcpSocket, grpc and exec.",
        link: "https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Probe",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: POD_KINDS,
    },
    function* (container) {
        for (const name of PROBES) {
            const probe = container.view.at(name);
            if (probe.missing || probe.unknown) continue;
            const handlers = HANDLERS.filter((handler) => !probe.at(handler).missing);
            if (handlers.length !== 1)
                yield finding(probe, `${name} of ${called(container)} has ${handlers.length} handlers instead of one`);
        }
    },
);
