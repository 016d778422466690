import { namespaceOf } from "./object.ts";
import type { Subject } from "./subject.ts";
import { UNKNOWN, type Read } from "./unknown.ts";
import type { View } from "./view.ts";
import type { Workload, World } from "./world.ts";

/** Kinds that have a number of replicas. */
export const SCALED_KINDS = ["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"] as const;

export function isScaled(kind: string): boolean {
    return (SCALED_KINDS as readonly string[]).includes(kind);
}

/** Kinds of autoscalers, with the field of their least number of replicas, and what counts where it is absent. */
const AUTOSCALERS: Readonly<Record<string, { readonly field: string; readonly absent: number }>> = {
    HorizontalPodAutoscaler: { field: "minReplicas", absent: 1 },
    // KEDA's, which makes a HorizontalPodAutoscaler of its own.
    ScaledObject: { field: "minReplicaCount", absent: 0 },
};

/** All autoscalers of the stack. */
export function allAutoscalers(world: World): readonly Subject[] {
    return Object.keys(AUTOSCALERS).flatMap((kind) => world.all(kind));
}

/** Whether an autoscaler is one of KEDA. */
export function isKeda(autoscaler: Subject): boolean {
    return autoscaler.object.kind === "ScaledObject";
}

/** Kind and name of what an autoscaler scales. KEDA takes a Deployment where no kind is named. */
export function refOf(autoscaler: Subject): { readonly kind: Read<string>; readonly name: Read<string> } {
    const ref = autoscaler.view.at("spec", "scaleTargetRef");
    return {
        kind: ref.at("kind").string() ?? (isKeda(autoscaler) ? "Deployment" : undefined),
        name: ref.at("name").string(),
    };
}

/** The fewest replicas that an autoscaler leaves, and where that is said. */
export function minimumOf({ object, view }: Subject): { readonly least: Read<number>; readonly place: View } {
    const { field = "", absent = 1 } = AUTOSCALERS[object.kind] ?? {};
    const place = view.at("spec", field);
    return { least: place.number() ?? absent, place };
}

/** What an autoscaler scales, as a key for look-ups; `UNKNOWN` while its name or kind is. */
export function targetOf(autoscaler: Subject): Read<string> {
    const { kind, name } = refOf(autoscaler);
    if (kind === UNKNOWN || name === UNKNOWN) return UNKNOWN;
    return kind === undefined || name === undefined ? undefined : key(kind, namespaceOf(autoscaler.object), name);
}

/** Stands for whatever an autoscaler with an unknown target scales. */
const ANY = "";

/** Autoscalers by what they scale. */
export function autoscalers(world: World): ReadonlyMap<string, Subject> {
    const map = new Map<string, Subject>();
    for (const autoscaler of allAutoscalers(world)) {
        const target = targetOf(autoscaler);
        if (target !== undefined) map.set(target === UNKNOWN ? ANY : target, autoscaler);
    }
    return map;
}

/** The autoscaler of a workload. */
export function autoscalerOf(map: ReadonlyMap<string, Subject>, { object, namespace }: Workload): Subject | undefined {
    return map.get(key(object.kind, namespace, object.name));
}

/** The fewest replicas that a workload will have, and where that is said. */
export interface Scale {
    readonly replicas: Read<number>;
    readonly holder: Subject;
    readonly place: View;
}

/** The effective minimum: the autoscaler's where there is one, else the workload's own; 1 where neither says. */
export function scaleOf(map: ReadonlyMap<string, Subject>, workload: Workload): Scale {
    const autoscaler = autoscalerOf(map, workload);
    if (autoscaler !== undefined) {
        const { least, place } = minimumOf(autoscaler);
        return { replicas: least, holder: autoscaler, place };
    }
    const place = workload.view.at("spec", "replicas");
    // An autoscaler whose target is not known may be this one's.
    return { replicas: map.has(ANY) ? UNKNOWN : (place.number() ?? 1), holder: workload, place };
}

function key(kind: string, namespace: string, name: string): string {
    return `${kind}\0${namespace}\0${name}`;
}
