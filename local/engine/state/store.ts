/**
 * The state during a run. Steps tell it what they are about to do and what they have done; each time it is on disk
 * before they go on. Steps that come while a write is under way share the next one.
 */
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Crypter } from "../secrets/passphrase.ts";
import type { Value } from "../values.ts";
import { equal, without } from "../values.ts";
import { Encoder } from "./codec.ts";
import { writeState } from "./file.ts";
import type { StoredState } from "./file.ts";
import type { OperationType, PendingOperation, ResourceState, Snapshot } from "./types.ts";

/** A write that takes less needs no rest after it. Milliseconds. */
const quickWrite = 20;
/** After a longer one, how much longer than the write the rest is. */
const restPerWrite = 2;

export class StateStore {
    readonly #file: string;
    readonly #crypter: Crypter;
    readonly #encoder: Encoder;
    readonly #version: string;
    /** What this run has registered, dependencies first. */
    readonly #current = new Map<string, ResourceState>();
    /** What earlier runs left and this one has not reached yet. */
    #previous = new Set<ResourceState>();
    /** The same by URN, without what only waits for its deletion. */
    readonly #previousByUrn = new Map<string, ResourceState>();
    readonly #pending = new Set<PendingOperation>();
    #dirty = false;
    #writing: Promise<void> = Promise.resolve();
    #next: Promise<void> | undefined;
    #written = false;
    /** How long the last write took. Milliseconds. */
    #writeTime = 0;

    private constructor(file: string, crypter: Crypter, encoder: Encoder, version: string, snapshot: Snapshot) {
        this.#file = file;
        this.#crypter = crypter;
        this.#encoder = encoder;
        this.#version = version;
        this.#setPrevious(snapshot.resources);
        for (const operation of snapshot.pendingOperations) this.#pending.add(operation);
    }

    /** Decrypts a state and makes it ready to be changed. `version` is the SDK's. */
    static open(stored: StoredState, crypter: Crypter, version: string): StateStore {
        const encoder = new Encoder(crypter);
        const snapshot = stored.decode((ciphertext) => {
            const plaintext = crypter.decrypt(ciphertext);
            encoder.remember(plaintext, ciphertext);
            return plaintext;
        });
        return new StateStore(stored.file, crypter, encoder, version, snapshot);
    }

    /** Everything, dependencies first. */
    get resources(): readonly ResourceState[] {
        return [...this.#current.values(), ...this.#previous];
    }

    /** What earlier runs left and this one has not registered. */
    get unregistered(): readonly ResourceState[] {
        return [...this.#previous];
    }

    get pending(): readonly PendingOperation[] {
        return [...this.#pending];
    }

    /** Writes down that an operation begins; resolves when that is on disk. The result is for {@link end}. */
    async begin(type: OperationType, resource: ResourceState): Promise<PendingOperation> {
        const operation = { type, resource };
        this.#pending.add(operation);
        await this.#save();
        return operation;
    }

    /** An operation is over; what it changed is told before. Resolves when that is on disk. */
    async end(operation: PendingOperation): Promise<void> {
        this.#pending.delete(operation);
        await this.#save();
    }

    /** An operation of an earlier run that has been looked into; written with whatever comes next. */
    forget(operation: PendingOperation): void {
        if (this.#pending.delete(operation)) this.#dirty = true;
    }

    /** A registered resource in its new state; it takes the place of `old` and of what the URN had before. */
    put(state: ResourceState, old?: ResourceState): ResourceState {
        const before = old ?? this.#previousByUrn.get(state.urn);
        const same = before !== undefined && sameState(before, state) ? before : state;
        if (before !== undefined) this.#drop(before);
        if (before !== undefined && before.urn !== state.urn)
            this.#setPrevious([...this.#previous].map((other) => renamed(other, before.urn, state.urn)));
        this.#current.set(state.urn, same);
        if (same !== before) this.#dirty = true;
        return same;
    }

    /** A replacement that exists beside what it replaces, whose deletion is left to do. */
    putBeside(state: ResourceState, old: ResourceState): ResourceState {
        const leaving: ResourceState = { ...old, delete: true };
        if (this.#current.get(old.urn) === old) this.#current.delete(old.urn);
        this.#setPrevious([leaving, ...[...this.#previous].filter((other) => other !== old)]);
        this.#current.set(state.urn, state);
        this.#dirty = true;
        return state;
    }

    /** Puts another state of a resource that this run has not registered in its place. */
    replace(old: ResourceState, state: ResourceState): void {
        this.#setPrevious([...this.#previous].map((other) => (other === old ? state : other)));
        this.#dirty = true;
    }

    /** An object that an interrupted run has made after all. */
    adopt(state: ResourceState): void {
        this.#setPrevious([...this.#previous, state]);
        this.#dirty = true;
    }

    remove(state: ResourceState): void {
        this.#drop(state);
        this.#dirty = true;
    }

    /** Writes what has changed and was not written yet. */
    async finish(): Promise<void> {
        if (this.#dirty) await this.#save();
        await this.#writing;
    }

    #setPrevious(states: readonly ResourceState[]): void {
        this.#previous = new Set(states);
        this.#previousByUrn.clear();
        for (const state of states) if (!state.delete) this.#previousByUrn.set(state.urn, state);
    }

    #drop(state: ResourceState): void {
        this.#previous.delete(state);
        if (this.#previousByUrn.get(state.urn) === state) this.#previousByUrn.delete(state.urn);
    }

    #save(): Promise<void> {
        this.#dirty = true;
        this.#next ??= this.#writing.then(async () => {
            // The whole file is written each time: a large one waits for more steps, or all time would go into writing.
            if (this.#writeTime > quickWrite) await sleep(restPerWrite * this.#writeTime);
            this.#next = undefined;
            this.#writing = this.#write();
            return this.#writing;
        });
        return this.#next;
    }

    async #write(): Promise<void> {
        const start = performance.now();
        this.#dirty = false;
        if (!this.#written) {
            this.#written = true;
            fs.mkdirSync(path.dirname(this.#file), { recursive: true, mode: 0o700 });
            if (fs.existsSync(this.#file)) fs.copyFileSync(this.#file, `${this.#file}.bak`);
        }
        await writeState(this.#file, {
            saltText: this.#crypter.saltText,
            version: this.#version,
            resources: this.resources.map((state) => this.#encoder.resource(state)),
            pendingOperations: [...this.#pending].map(
                (operation) => `{"resource":${this.#encoder.resource(operation.resource)},"type":"${operation.type}"}`,
            ),
        });
        this.#writeTime = performance.now() - start;
    }
}

/** Whether two states say the same, times of change aside. */
export function sameState(a: ResourceState, b: ResourceState): boolean {
    const [restA, restB] = [a, b].map((state) => without({ ...state }, ["created", "modified"]));
    return equal(restA as Value, restB as Value);
}

/** A resource whose references follow another one to its new URN. */
function renamed(state: ResourceState, from: string, to: string): ResourceState {
    const mentions = [
        state.parent,
        state.provider,
        ...state.dependencies,
        ...Object.values(state.propertyDependencies).flat(),
    ];
    if (!mentions.some((urn) => urn === from || urn.startsWith(`${from}::`))) return state;
    const follow = (urn: string): string => (urn === from ? to : urn);
    const properties = Object.entries(state.propertyDependencies).map(
        ([key, urns]) => [key, urns.map(follow)] as const,
    );
    return {
        ...state,
        parent: follow(state.parent),
        provider: state.provider.startsWith(`${from}::`) ? to + state.provider.slice(from.length) : state.provider,
        dependencies: state.dependencies.map(follow),
        propertyDependencies: Object.fromEntries(properties),
    };
}
