import { isDeepStrictEqual } from "node:util";

import { LONG_RUNNING_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";
import { isTree, type View } from "../model/view.ts";

const DEFAULTS = {
    initialDelaySeconds: 0,
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
};

export const probesDiffer = containerRule(
    {
        name: "probes-differ",
        title: "Liveness and readiness are not the same probe",
        severity: "medium",
        why: "The same probe with the same timing restarts a pod at the very moment it should only leave the load balancer.",
        fix: "Let liveness ask less than readiness, or be slower to give up.",
        link: "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: LONG_RUNNING_KINDS,
        roles: ["container", "sidecar"],
    },
    function* (container) {
        const liveness = container.view.at("livenessProbe");
        const readiness = container.view.at("readinessProbe");
        if (holdsUnknown(liveness) || holdsUnknown(readiness) || !isTree(liveness.raw)) return;
        if (isDeepStrictEqual(withDefaults(liveness.raw), withDefaults(readiness.raw)))
            yield finding(readiness, `liveness and readiness probe of ${called(container)} are the same`);
    },
);

function withDefaults(probe: unknown): unknown {
    return isTree(probe) ? { ...DEFAULTS, ...probe } : probe;
}

/** Looks through a probe, so that what a preview does not know is traced. */
function holdsUnknown(view: View): boolean {
    if (view.raw === UNKNOWN) return view.unknown;
    if (Array.isArray(view.raw)) return view.items().some(holdsUnknown);
    return isTree(view.raw) && view.entries().some(([, below]) => holdsUnknown(below));
}
