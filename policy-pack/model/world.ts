import { describe, knownKind, namespaceOf, POD_KINDS, type KubeObject } from "./object.ts";
import { podLabels, podsOf, type Pod } from "./pods.ts";
import { anchor, selects, type Selector } from "./selectors.ts";
import type { Subject } from "./subject.ts";
import { UNKNOWN } from "./unknown.ts";
import { newTrace, View, type Trace } from "./view.ts";

/** An object that makes pods, with one of its pod templates. */
export interface Workload extends Subject {
    readonly namespace: string;
    readonly pod: Pod;
}

/** What a selector selects: for sure, and perhaps (something about it is unknown). */
export interface Selection {
    readonly sure: readonly Workload[];
    readonly perhaps: readonly Workload[];
}

/** Objects of a stack, indexed once; shared by the worlds of all rules. */
export interface StackIndex {
    readonly byKind: ReadonlyMap<string, readonly KubeObject[]>;
    readonly byName: ReadonlyMap<string, KubeObject>;
    readonly workloads: readonly KubeObject[];
    /** Pods by namespace and one label, so that a selector does not look at every pod. */
    readonly byLabel: ReadonlyMap<string, readonly KubeObject[]>;
    /** Pods by namespace whose labels are not all known. */
    readonly vague: ReadonlyMap<string, readonly KubeObject[]>;
    readonly byNamespace: ReadonlyMap<string, readonly KubeObject[]>;
    /** Namespace and name of each custom resource, for which an operator may make pods. */
    readonly custom: ReadonlySet<string>;
}

/** Builds the index of all objects of a stack, by name: an engine has another order at each run, and findings should not. */
export function indexStack(unordered: readonly KubeObject[]): StackIndex {
    const named = unordered.map((object) => ({ object, name: describe(object) }));
    const objects = named.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)).map(({ object }) => object);
    const byKind = new Map<string, KubeObject[]>();
    const byName = new Map<string, KubeObject>();
    const byLabel = new Map<string, KubeObject[]>();
    const vague = new Map<string, KubeObject[]>();
    const byNamespace = new Map<string, KubeObject[]>();
    const workloads: KubeObject[] = [];
    const custom = new Set<string>();
    for (const object of objects) {
        const kind = knownKind(object);
        if (kind !== undefined) {
            push(byKind, kind, object);
            byName.set(nameKey(kind, namespaceOf(object), object.name), object);
        } else if (object.namespace !== undefined) custom.add(nameKey("", object.namespace, object.name));
        const pods = podsOf(object, View.of(object.body, newTrace()));
        if (pods.length === 0) continue;
        const namespace = namespaceOf(object);
        workloads.push(object);
        push(byNamespace, namespace, object);
        for (const labels of pods.map(podLabels))
            if (labels === UNKNOWN) push(vague, namespace, object);
            else for (const [key, value] of labels ?? []) push(byLabel, labelKey(namespace, key, value), object);
    }
    return { byKind, byName, workloads, byLabel, vague, byNamespace, custom };
}

/**
 * The stack as one rule sees it: its reads go to traces of its own, one per object.
 */
export class World {
    readonly #index: StackIndex;
    readonly #trace: (object: KubeObject) => Trace;
    readonly #workloads = new Map<KubeObject, readonly Workload[]>();

    constructor(index: StackIndex, trace: (object: KubeObject) => Trace) {
        this.#index = index;
        this.#trace = trace;
    }

    /** All objects of a kind. */
    all(kind: string): readonly Subject[] {
        return (this.#index.byKind.get(kind) ?? []).map((object) => this.#subject(object));
    }

    /** The object of that kind and name, if the stack has it. */
    find(kind: string, namespace: string, name: string): Subject | undefined {
        const object = this.#index.byName.get(nameKey(kind, namespace, name));
        return object === undefined ? undefined : this.#subject(object);
    }

    /** Whether the stack has a custom resource of that name, of whatever kind. */
    hasCustom(namespace: string, name: string): boolean {
        return this.#index.custom.has(nameKey("", namespace, name));
    }

    /** All objects that make pods; those of unknown kinds only where no kinds are named. */
    workloads(kinds: readonly string[] = POD_KINDS): readonly Workload[] {
        return this.#index.workloads.flatMap((object) => {
            const kind = knownKind(object);
            const isMeant = kind === undefined ? kinds === POD_KINDS : kinds.includes(kind);
            return isMeant ? this.#workloadsOf(object) : [];
        });
    }

    /** The workloads whose pods a selector selects in a namespace. */
    select(namespace: string, selector: Selector): Selection {
        const exact = anchor(selector);
        const candidates =
            exact === undefined
                ? (this.#index.byNamespace.get(namespace) ?? [])
                : [
                      ...(this.#index.byLabel.get(labelKey(namespace, ...exact)) ?? []),
                      ...(this.#index.vague.get(namespace) ?? []),
                  ];
        const sure: Workload[] = [];
        const perhaps: Workload[] = [];
        // An object with several pods may be there several times.
        for (const workload of [...new Set(candidates)].flatMap((object) => this.#workloadsOf(object))) {
            const labels = podLabels(workload.pod);
            const selected = labels === UNKNOWN ? UNKNOWN : selects(selector, labels ?? new Map<string, string>());
            if (selected === true) sure.push(workload);
            else if (selected === UNKNOWN) perhaps.push(workload);
        }
        return { sure, perhaps };
    }

    #subject(object: KubeObject): Subject {
        return { object, view: View.of(object.body, this.#trace(object)) };
    }

    /** One for each pod template. */
    #workloadsOf(object: KubeObject): readonly Workload[] {
        const known = this.#workloads.get(object);
        if (known !== undefined) return known;
        const subject = this.#subject(object);
        const namespace = namespaceOf(object);
        const workloads = podsOf(object, subject.view).map((pod) => ({ ...subject, namespace, pod }));
        this.#workloads.set(object, workloads);
        return workloads;
    }
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
    const list = map.get(key);
    if (list === undefined) map.set(key, [value]);
    else list.push(value);
}

function nameKey(kind: string, namespace: string, name: string): string {
    return `${kind}\0${namespace}\0${name}`;
}

function labelKey(namespace: string, key: string, value: string): string {
    return `${namespace}\0${key}\0${value}`;
}
