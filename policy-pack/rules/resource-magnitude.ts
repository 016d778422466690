import { knownKind } from "../model/object.ts";
import { called, podsOf } from "../model/pods.ts";
import { amount } from "../model/resources.ts";
import { finding, objectRule } from "../model/rule.ts";
import type { Subject } from "../model/subject.ts";
import type { View } from "../model/view.ts";

const MOST_BYTES = 2 ** 50;
const LEAST_CORES = 0.001;

export const resourceMagnitude = objectRule(
    {
        name: "resource-magnitude",
        title: "Amounts are of a size that containers, volumes and nodes have",
        severity: "high",
        why: "Memory of 512m is half a byte: the API server takes it, and the container dies before it starts.",
        fix: "Write memory and storage with Mi or Gi, and CPU in cores or with m; the parameters leastBytes and mostCores are the bounds.",
        link: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#meaning-of-memory",
        levels: ["mandatory", "mandatory", "mandatory"],
    },
    function* (subject, { leastBytes, mostCores }) {
        const bytes = [leastBytes, MOST_BYTES] as const;
        const bounds = new Map([
            ["cpu", [LEAST_CORES, mostCores] as const],
            ...["memory", "ephemeral-storage", "storage"].map((resource) => [resource, bytes] as const),
        ]);
        for (const { place, resource, of, isSum = false } of amountsOf(subject)) {
            const size = amount(place);
            const [least, most] = bounds.get(resource) ?? [0, Infinity];
            // Whether 0, which means none, is allowed is for other rules.
            if (typeof size !== "number" || size <= 0 || (size >= least && (isSum || size <= most))) continue;
            const fact =
                size < least ? `less than any ${of === "volume" ? of : "container"} needs` : "more than any node has";
            yield finding(place, `the ${resource} of ${of === "volume" ? "this volume" : of} is ${fact}`);
        }
    },
);

interface Amount {
    readonly place: View;
    readonly resource: string;
    /** What it is the amount of: a container as messages call it, a volume, or another. */
    readonly of: string;
    /** Whether it is for many containers together, so that no node bounds it. */
    readonly isSum?: boolean;
}

function* amountsOf({ object, view }: Subject): Iterable<Amount> {
    const spec = view.at("spec");
    for (const pod of podsOf(object, view)) {
        for (const container of pod.containers)
            if (container.role !== "ephemeral") yield* resources(container.view.at("resources"), called(container));
        yield* resources(pod.spec.at("resources"), "the pod");
        for (const volume of pod.spec.at("volumes").items()) {
            yield { place: volume.at("emptyDir", "sizeLimit"), resource: "storage", of: "volume" };
            yield* resources(volume.at("ephemeral", "volumeClaimTemplate", "spec", "resources"), "volume");
        }
    }
    switch (knownKind(object)) {
        case "PersistentVolumeClaim":
            yield* resources(spec.at("resources"), "volume");
            break;
        case "StatefulSet":
            for (const claim of spec.at("volumeClaimTemplates").items())
                yield* resources(claim.at("spec", "resources"), "volume");
            break;
        case "LimitRange":
            for (const limit of spec.at("limits").items())
                for (const list of ["min", "defaultRequest", "default", "max"])
                    yield* amounts(limit.at(list), "this limit");
            break;
        case "ResourceQuota":
            for (const amount of amounts(spec.at("hard"), "this quota")) yield { ...amount, isSum: true };
    }
}

function* resources(view: View, of: string): Iterable<Amount> {
    for (const list of ["requests", "limits"]) yield* amounts(view.at(list), of);
}

/** The entries of a list of resources; those of a quota have a prefix. */
function* amounts(view: View, of: string): Iterable<Amount> {
    for (const [name, place] of view.entries()) yield { place, resource: name.replace(/^(requests|limits)\./, ""), of };
}
