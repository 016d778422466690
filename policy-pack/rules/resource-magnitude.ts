import { POD_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { amount } from "../model/resources.ts";
import { containerRule, finding } from "../model/rule.ts";

const MOST_BYTES = 2 ** 50;
const LEAST_CORES = 0.001;

export const resourceMagnitude = containerRule(
    {
        name: "resource-magnitude",
        title: "Requests and limits are of a size that containers and nodes have",
        severity: "high",
        why: "Memory of 512m is half a byte: the API server takes it, and the container dies before it starts.",
        fix: "Write memory and storage with Mi or Gi, and CPU in cores or with m; the parameters leastBytes and mostCores are the bounds.",
        link: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#meaning-of-memory",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: POD_KINDS,
        roles: ["container", "init", "sidecar"],
    },
    function* (container, _pod, { leastBytes, mostCores }) {
        const bounds: Readonly<Record<string, readonly [least: number, most: number]>> = {
            cpu: [LEAST_CORES, mostCores],
            memory: [leastBytes, MOST_BYTES],
            "ephemeral-storage": [leastBytes, MOST_BYTES],
        };
        for (const list of ["requests", "limits"] as const)
            for (const [resource, [least, most]] of Object.entries(bounds)) {
                const place = container.view.at("resources", list, resource);
                const size = amount(place);
                // Whether 0, which means none, is allowed is for other rules.
                if (typeof size !== "number" || size <= 0 || (size >= least && size <= most)) continue;
                const fact = size < least ? "less than any container needs" : "more than any node has";
                yield finding(place, `the ${resource} of ${called(container)} is ${fact}`);
            }
    },
);
