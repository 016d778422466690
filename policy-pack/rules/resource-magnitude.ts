import { knownKind } from "../model/object.ts";
import { called, podsOf, type Pod } from "../model/pods.ts";
import { amount } from "../model/resources.ts";
import { finding, objectRule } from "../model/rule.ts";
import type { Subject } from "../model/subject.ts";
import { isTree, type View } from "../model/view.ts";

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
    const pods = podsOf(object, view);
    for (const pod of pods) yield* amountsOfPod(pod);
    switch (knownKind(object)) {
        case "PersistentVolume":
            yield* amounts(spec.at("capacity"), "volume");
            break;
        case "PersistentVolumeClaim":
            yield* resources(spec.at("resources"), "volume");
            break;
        case "StatefulSet":
            for (const claim of spec.at("volumeClaimTemplates").items())
                yield* resources(claim.at("spec", "resources"), "volume");
            break;
        case "HorizontalPodAutoscaler":
            for (const metric of spec.at("metrics").items()) yield* target(metric);
            break;
        case "LimitRange":
            for (const limit of spec.at("limits").items())
                for (const list of ["min", "defaultRequest", "default", "max"])
                    yield* amounts(limit.at(list), "this limit");
            break;
        case "ResourceQuota":
            for (const amount of amounts(spec.at("hard"), "this quota")) yield { ...amount, isSum: true };
            break;
        case undefined:
            // A definition of a kind has the names of amounts, and none of them.
            if (pods.length === 0 && object.kind !== "CustomResourceDefinition")
                for (const path of placesIn(object.body))
                    yield { place: view.at(...path), resource: String(path.at(-1)), of: "this object" };
    }
}

function* amountsOfPod(pod: Pod): Iterable<Amount> {
    for (const container of pod.containers)
        if (container.role !== "ephemeral") yield* resources(container.view.at("resources"), called(container));
    yield* resources(pod.spec.at("resources"), "the pod");
    for (const volume of pod.spec.at("volumes").items()) {
        yield { place: volume.at("emptyDir", "sizeLimit"), resource: "storage", of: "volume" };
        yield* resources(volume.at("ephemeral", "volumeClaimTemplate", "spec", "resources"), "volume");
    }
}

/** What an autoscaler wants each pod to use. */
function* target(metric: View): Iterable<Amount> {
    for (const source of ["resource", "containerResource"]) {
        const resource = metric.at(source, "name").string();
        if (typeof resource === "string")
            yield { place: metric.at(source, "target", "averageValue"), resource, of: "this target" };
    }
}

/** Fields of kinds that others define, whose entries are amounts: `resources`, bounds of a VerticalPodAutoscaler, overhead. */
const LISTS = new Set(["minAllowed", "maxAllowed", "podFixed"]);

function* placesIn(value: unknown, path: readonly (string | number)[] = []): Iterable<readonly (string | number)[]> {
    if (typeof value !== "object" || value === null) return;
    const isList = Array.isArray(value);
    for (const [key, child] of Object.entries(value)) {
        const below = [...path, isList ? Number(key) : key];
        const isOfResources = path.at(-1) === "resources" && (key === "requests" || key === "limits");
        if (isTree(child) && (isOfResources || LISTS.has(key))) {
            for (const [resource, amount] of Object.entries(child))
                if (typeof amount === "string" || typeof amount === "number") yield [...below, resource];
        } else yield* placesIn(child, below);
    }
}

function* resources(view: View, of: string): Iterable<Amount> {
    for (const list of ["requests", "limits"]) yield* amounts(view.at(list), of);
}

/** The entries of a list of resources; those of a quota have a prefix. */
function* amounts(view: View, of: string): Iterable<Amount> {
    for (const [name, place] of view.entries()) yield { place, resource: name.replace(/^(requests|limits)\./, ""), of };
}
