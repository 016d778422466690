/** The `kubernetes:*` objects: server-side apply with an own field manager, and waits as the official provider's. */
import { defaultTimeout, untilGone, untilReady } from "../await/await.ts";
import type { AwaitOptions } from "../await/await.ts";
import { readiness } from "../await/readiness.ts";
import { EngineError, NotReadyError, messageOf } from "../errors.ts";
import { KubeError } from "../kube/client.ts";
import { UnknownKindError, namespacedByDefault, refOf } from "../kube/objects.ts";
import type { KubeObject, Objects } from "../kube/objects.ts";
import type { ResourceState } from "../state/types.ts";
import type { Value, Values } from "../values.ts";
import { containsUnknown, equal, plainValues, textOf } from "../values.ts";
import type { Cluster } from "./cluster.ts";
import { comparable } from "./compare.ts";
import {
    ForeignObjectError,
    explained,
    hasDrifted,
    isMadeBy,
    others,
    replacement,
    wereOurs,
} from "./kubernetes-rules.ts";
import {
    annotation, annotations, checkObject, idOf, isAutonamed, isIdentityKnown, managerOf, publicOutputs, refIn, toObject, toOutputs,
} from "./objects.ts"; // prettier-ignore
import type { Plan, Provider, StepContext, StepResult } from "./types.ts";

/** What planning has found out: the object as it is, and whether changes of others may be overwritten. */
interface Memory {
    readonly live: KubeObject | undefined;
    readonly force: boolean;
}

const secondsUntilKindAppears = 15;

export class KubernetesProvider implements Provider {
    readonly #cluster: Cluster;

    constructor(cluster: Cluster) {
        this.#cluster = cluster;
    }

    async check(inputs: Values, old: ResourceState | undefined, context: StepContext): Promise<Values> {
        if (context.type.endsWith("Patch"))
            throw new EngineError(`${context.type}: Patch resources are not supported by the embedded engine`);
        const kind = textOf(inputs["kind"]);
        let namespaced = namespacedByDefault(kind);
        const objects = await this.#cluster.objectsIfReachable();
        if (objects !== undefined && typeof inputs["apiVersion"] === "string") {
            try {
                namespaced = (await objects.mapping(inputs["apiVersion"], kind)).namespaced;
            } catch (error) {
                if (!(error instanceof UnknownKindError)) throw error;
            }
        }
        return checkObject(inputs, old, context.name, {
            namespaced,
            namespace: this.#cluster.namespace,
            autoname: (name) => this.#cluster.autoname(context.urn, name),
        });
    }

    async plan(old: ResourceState | undefined, inputs: Values, context: StepContext): Promise<Plan> {
        const objects = await this.#cluster.objectsIfReachable();
        const identityKnown = isIdentityKnown(inputs);
        const id = identityKnown ? { id: idOf(inputs) } : {};
        const base = { deleteBeforeReplace: false, outputs: inputs, ...id };
        if (old === undefined) {
            const live = identityKnown ? await this.#read(objects, inputs) : undefined;
            if (live !== undefined && live.metadata.deletionTimestamp === undefined && !this.#cluster.upsert)
                throw new ForeignObjectError(live);
            const after = context.detailed ? await this.#dryRunCreate(objects, inputs, context) : inputs;
            return {
                ...base,
                operation: "create",
                after,
                memory: { live, force: this.#force(inputs) } satisfies Memory,
            };
        }
        const replaced = replacement(old.inputs, inputs);
        if (replaced.length > 0) {
            const sameName = idOf(old.inputs) === idOf(inputs) && !isAutonamed(inputs);
            const reason = `${replaced.join(", ")} cannot be changed in place`;
            const memory = { live: undefined, force: this.#force(inputs) } satisfies Memory;
            const foreign =
                !sameName && identityKnown && idOf(old.inputs) !== idOf(inputs)
                    ? await this.#read(objects, inputs)
                    : undefined;
            if (foreign !== undefined && foreign.metadata.deletionTimestamp === undefined)
                throw new ForeignObjectError(foreign);
            return {
                ...base,
                operation: "replace",
                deleteBeforeReplace: sameName,
                reason,
                before: old.inputs,
                after: inputs,
                memory,
            };
        }
        const live = await this.#read(objects, old.inputs);
        const isGone = live === undefined || live.metadata.deletionTimestamp !== undefined;
        if (objects !== undefined && isGone) {
            const memory = { live, force: this.#force(inputs) } satisfies Memory;
            return { ...base, operation: "create", reason: "it is gone from the cluster", after: inputs, memory };
        }
        return this.#planChange(objects, old, inputs, live, context);
    }

    async #planChange(
        objects: Objects | undefined,
        old: ResourceState,
        inputs: Values,
        live: KubeObject | undefined,
        context: StepContext,
    ): Promise<Plan> {
        const manager = managerOf(inputs, old);
        const drifted = live !== undefined && hasDrifted(old, live, manager);
        const changed = containsUnknown(inputs) || !equal(plainValues(old.inputs), plainValues(inputs));
        if (
            live !== undefined &&
            annotation(inputs, annotations.replaceUnready) === "true" &&
            readiness(live).state === "failed"
        ) {
            const memory = { live, force: false } satisfies Memory;
            return {
                operation: "replace",
                deleteBeforeReplace: true,
                reason: "it has failed",
                outputs: inputs,
                after: inputs,
                before: old.inputs,
                memory,
            };
        }
        if (!changed && !drifted)
            return { operation: "same", deleteBeforeReplace: false, outputs: old.outputs, id: old.id };
        const force = this.#force(inputs) || (drifted && !changed);
        const outputs = { ...publicOutputs(old.outputs), ...inputs };
        const plan: Plan = {
            operation: "update",
            deleteBeforeReplace: false,
            ...(drifted && { reason: `changed in the cluster by ${others(live, manager)}` }),
            outputs,
            id: old.id,
            before: old.inputs,
            after: inputs,
            memory: { live, force } satisfies Memory,
        };
        if (!context.detailed || objects === undefined || live === undefined || containsUnknown(inputs)) return plan;
        try {
            const result = await objects.apply(toObject(inputs), { manager, force: true, dryRun: true });
            return { ...plan, before: comparable(live, inputs, old), after: comparable(result, inputs, old) };
        } catch (error) {
            if (error instanceof KubeError && error.status === 403) return plan; // may not ask: the inputs have to do
            throw explained(error, inputs);
        }
    }

    async create(inputs: Values, plan: Plan, context: StepContext): Promise<StepResult> {
        const objects = await this.#cluster.objects();
        const memory = plan.memory as Memory | undefined;
        if (memory?.live?.metadata.deletionTimestamp !== undefined) {
            context.progress("waits for its predecessor to be gone");
            await untilGone(objects, memory.live, this.#awaiting(memory.live, context));
        }
        return this.#applyAndWait(
            objects,
            inputs,
            managerOf(inputs, undefined),
            memory?.force ?? this.#force(inputs),
            context,
        );
    }

    async update(old: ResourceState, inputs: Values, plan: Plan, context: StepContext): Promise<StepResult> {
        const memory = plan.memory as Memory | undefined;
        const force = memory?.force ?? this.#force(inputs);
        return this.#applyAndWait(await this.#cluster.objects(), inputs, managerOf(inputs, old), force, context, old);
    }

    async delete(old: ResourceState, context: StepContext): Promise<void> {
        const objects = await this.#cluster.objects();
        const object = toObject(old.outputs["metadata"] === undefined ? old.inputs : publicOutputs(old.outputs));
        const propagation =
            { orphan: "Orphan", background: "Background" }[annotation(old.inputs, annotations.propagation) ?? ""] ??
            "Foreground";
        const existed = await objects.delete(refOf(object), object.metadata.uid, propagation);
        if (existed && object.metadata.uid !== undefined)
            await untilGone(objects, object, this.#awaiting(object, context));
    }

    async recover(begun: ResourceState): Promise<StepResult | undefined> {
        const live = await this.#read(await this.#cluster.objects(), begun.inputs);
        const manager = managerOf(begun.inputs, undefined);
        if (live === undefined || !isMadeBy(begun, live, manager)) return undefined;
        return { id: idOf(live as unknown as Value), outputs: toOutputs(begun.inputs, live, manager) };
    }

    async #applyAndWait(
        objects: Objects,
        inputs: Values,
        manager: string,
        force: boolean,
        context: StepContext,
        old?: ResourceState,
    ): Promise<StepResult> {
        const object = toObject(inputs);
        let applied: KubeObject;
        try {
            applied = await this.#apply(objects, object, manager, force, context, old);
        } catch (error) {
            throw explained(error, inputs);
        }
        const id = idOf(applied as unknown as Value);
        try {
            const ready = await untilReady(objects, applied, this.#awaiting(object, context));
            return { id, outputs: toOutputs(inputs, ready, manager) };
        } catch (error) {
            throw new NotReadyError(messageOf(error), id, toOutputs(inputs, applied, manager));
        }
    }

    /** Applies; waits a moment for a kind whose definition was only just made; takes back fields that were ours. */
    async #apply(
        objects: Objects,
        object: KubeObject,
        manager: string,
        force: boolean,
        context: StepContext,
        old?: ResourceState,
    ): Promise<KubeObject> {
        const end = Date.now() + secondsUntilKindAppears * 1000;
        for (;;) {
            try {
                return await objects.apply(object, { manager, force, dryRun: false });
            } catch (error) {
                if (
                    error instanceof KubeError &&
                    error.status === 409 &&
                    !force &&
                    old !== undefined &&
                    wereOurs(old, error, manager)
                ) {
                    return objects.apply(object, { manager, force: true, dryRun: false });
                }
                if (!(error instanceof UnknownKindError) || Date.now() > end) throw error;
                context.progress("waits for its CustomResourceDefinition");
                await this.#cluster.wait(1000, context.signal);
            }
        }
    }

    async #read(objects: Objects | undefined, inputs: Values): Promise<KubeObject | undefined> {
        if (objects === undefined) return undefined;
        try {
            return await this.#cluster.live(refIn(inputs));
        } catch (error) {
            if (error instanceof UnknownKindError) return undefined;
            throw error;
        }
    }

    /** What the API server would make of a new object; the inputs where it cannot be asked yet. */
    async #dryRunCreate(objects: Objects | undefined, inputs: Values, context: StepContext): Promise<Value> {
        if (objects === undefined || containsUnknown(inputs)) return inputs;
        try {
            await objects.apply(toObject(inputs), {
                manager: managerOf(inputs, undefined),
                force: true,
                dryRun: true,
                signal: context.signal,
            });
        } catch (error) {
            const notYet =
                error instanceof UnknownKindError ||
                (error instanceof KubeError && (error.status === 404 || error.status === 403));
            if (!notYet) throw explained(error, inputs);
        }
        return inputs;
    }

    #force(inputs: Values): boolean {
        return this.#cluster.patchForce || annotation(inputs, annotations.patchForce) === "true";
    }

    #awaiting(object: KubeObject, context: StepContext): AwaitOptions {
        const annotated = Number(object.metadata.annotations?.[annotations.timeout]);
        const timeout = context.timeout ?? (annotated > 0 ? annotated : defaultTimeout);
        return { timeout, signal: context.signal, progress: context.progress };
    }
}
