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

/** What an autoscaler scales, as a key for look-ups; `UNKNOWN` while its name or kind is. */
export function targetOf(autoscaler: Subject): Read<string> {
    const ref = autoscaler.view.at("spec", "scaleTargetRef");
    const kind = ref.at("kind").string();
    const name = ref.at("name").string();
    if (kind === UNKNOWN || name === UNKNOWN) return UNKNOWN;
    return kind === undefined || name === undefined ? undefined : key(kind, namespaceOf(autoscaler.object), name);
}

/** Stands for whatever an autoscaler with an unknown target scales. */
const ANY = "";

/** Autoscalers by what they scale. */
export function autoscalers(world: World): ReadonlyMap<string, Subject> {
    const map = new Map<string, Subject>();
    for (const autoscaler of world.all("HorizontalPodAutoscaler")) {
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
    const holder = autoscaler ?? workload;
    const place = holder.view.at("spec", autoscaler === undefined ? "replicas" : "minReplicas");
    // An autoscaler whose target is not known may be this one's.
    if (autoscaler === undefined && map.has(ANY)) return { replicas: UNKNOWN, holder, place };
    return { replicas: place.number() ?? 1, holder, place };
}

function key(kind: string, namespace: string, name: string): string {
    return `${kind}\0${namespace}\0${name}`;
}
