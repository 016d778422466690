/**
 * One pass over the program: takes registrations, decides what each needs and, unless it only plans, does it. The SDK
 * registers a resource when all it depends on is there, so registrations are carried out as they come, side by side.
 */
import { defaultProviderGoal } from "./default-provider.ts";
import { EngineError, InterruptedError, messageOf } from "./errors.ts";
import type { Events, Failure, Outcome, Step } from "./events.ts";
import type { Goal, Registered } from "./goal.ts";
import { ignoringChanges } from "./paths.ts";
import { adjusted } from "./plan-options.ts";
import type { PolicyChecker } from "./policy.ts";
import { withIdentity } from "./providers/identity.ts";
import { assertSupported, isProviderType } from "./providers/registry.ts";
import type { ProviderRegistry } from "./providers/registry.ts";
import type { Plan, StepContext } from "./providers/types.ts";
import { performStep } from "./step.ts";
import type { StateStore } from "./state/store.ts";
import { sameState } from "./state/store.ts";
import type { ResourceState } from "./state/types.ts";
import { createUrn, providerUrn, stackType } from "./urn.ts";
import { equal, plainValues, unsupportedPart } from "./values.ts";
import type { Values } from "./values.ts";
import { newId, remarked, stateOf } from "./resource-state.ts";
import { Verdicts } from "./verdicts.ts";

/** A decision, with what it was made of: good for the next pass while that is the same. */
export interface Decision {
    readonly inputs: Values;
    readonly plan: Plan;
}

export interface DeploymentOptions {
    readonly stack: string;
    readonly project: string;
    readonly mode: "plan" | "apply";
    /** Whether differences are wanted for display. */
    readonly detailed: boolean;
    readonly store: StateStore;
    readonly providers: ProviderRegistry;
    readonly events: Events;
    readonly signal: AbortSignal;
    /** Decisions of the pass before, by URN. */
    readonly prior?: ReadonlyMap<string, Decision>;
    /** Settings of default providers, by package. */
    readonly defaultProviders: Readonly<Record<string, Values>>;
    readonly policy?: PolicyChecker;
}

export class Deployment {
    /** What was decided, for a later pass. */
    readonly decisions = new Map<string, Decision>();
    readonly #options: DeploymentOptions;
    /** What the last run left, by URN. */
    readonly #olds: ReadonlyMap<string, ResourceState>;
    readonly #registered = new Map<string, ResourceState>();
    readonly #seen = new Set<string>();
    readonly #underWay = new Set<Promise<Registered>>();
    readonly #defaults = new Map<string, Promise<string>>();
    #steps: Step[] = [];
    readonly #failures: Failure[] = [];
    /** What has failed for one resource, and with it for all that share a provider, is told once. */
    readonly #told = new Set<unknown>();
    readonly #verdicts: Verdicts;
    #outputs: Values = {};
    #oldOutputs: Values = {};
    #stateChanged = false;

    constructor(options: DeploymentOptions) {
        this.#options = options;
        this.#verdicts = new Verdicts(options.policy, options.mode, options.events);
        const live = options.store.resources.filter((resource) => !resource.delete);
        this.#olds = new Map(live.map((resource) => [resource.urn, resource]));
        this.#oldOutputs = live.find((resource) => resource.type === stackType)?.outputs ?? {};
    }

    urn(parent: string, type: string, name: string): string {
        return createUrn(this.#options.stack, this.#options.project, parent, type, name);
    }

    /** A resource is registered. Resolves when it is there (or planned); a failure is told in the result, not thrown. */
    async register(goal: Goal): Promise<Registered> {
        const registering = this.#register(goal);
        this.#underWay.add(registering);
        try {
            return await registering;
        } finally {
            this.#underWay.delete(registering);
        }
    }

    /** Resolves when no step is under way any more: a program that ends early does not end what it has begun. */
    async settled(): Promise<void> {
        while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
    }

    async #register(goal: Goal): Promise<Registered> {
        const step: { current: Step } = {
            current: { urn: goal.urn, type: goal.type, name: goal.name, operation: "same" },
        };
        try {
            if (this.#registered.has(goal.urn) || this.#seen.has(goal.urn)) {
                throw new EngineError(
                    `two resources have the name ${goal.name} (${goal.type}); give one of them another`,
                );
            }
            this.#seen.add(goal.urn);
            if (this.#options.signal.aborted) throw new InterruptedError();
            if (!goal.custom) return await this.#registerPlain(goal);
            assertSupported(goal.type);
            const special = unsupportedPart(goal.inputs);
            if (special !== undefined)
                throw new EngineError(`its inputs contain ${special}, which the embedded engine does not support`);
            return isProviderType(goal.type)
                ? await this.#registerProvider(goal)
                : await this.#registerCustom(goal, step);
        } catch (error) {
            const message = error instanceof InterruptedError ? "not begun: the run was interrupted" : messageOf(error);
            this.#steps = this.#steps.filter((other) => other !== step.current);
            if (!this.#told.has(error)) {
                this.#told.add(error);
                this.#failures.push({ urn: goal.urn, name: goal.name, message });
                this.#options.events.failed(step.current, message);
            }
            return { urn: goal.urn, id: "", outputs: {}, ok: false };
        }
    }

    /** Outputs of a component, or of the stack itself. */
    registerOutputs(urn: string, outputs: Values): Promise<void> {
        const state = this.#registered.get(urn);
        if (state?.type === stackType) this.#outputs = outputs;
        if (state !== undefined) this.#keep({ ...state, outputs }, this.#olds.get(urn));
        return Promise.resolve();
    }

    /** A problem that belongs to no resource. */
    fail(message: string): void {
        this.#failures.push({ urn: "", name: "", message });
    }

    /** What went wrong; not what policies refuse in a preview, which does not keep it from going on. */
    get failures(): readonly Failure[] {
        return this.#failures;
    }

    /** What earlier runs left and the program did not register; what only waits for its deletion included. */
    unregistered(): readonly ResourceState[] {
        const kept = new Set([...this.#registered.values()].map((state) => state.urn));
        return this.#options.store.resources.filter(
            (resource) => resource.delete || (!kept.has(resource.urn) && !this.#seen.has(resource.urn)),
        );
    }

    /** Asks the policies that look at the stack as a whole. */
    async analyzeStack(): Promise<void> {
        await this.#verdicts.stack([...this.#registered.values()]);
    }

    /** Steps that others took for this run. */
    addSteps(steps: readonly Step[], failures: readonly Failure[]): void {
        this.#steps.push(...steps);
        this.#failures.push(...failures);
    }

    outcome(): Outcome {
        return {
            steps: this.#steps,
            failures: [...this.#failures, ...this.#verdicts.refusals],
            violations: this.#verdicts.violations,
            outputs: this.#outputs,
            oldOutputs: this.#oldOutputs,
            stateChanged: this.#stateChanged,
            interrupted: this.#options.signal.aborted,
        };
    }

    #old(goal: Goal): ResourceState | undefined {
        const old = [goal.urn, ...goal.aliases].map((urn) => this.#olds.get(urn)).find((state) => state !== undefined);
        if (old !== undefined) this.#seen.add(old.urn);
        return old;
    }

    async #registerPlain(goal: Goal): Promise<Registered> {
        await this.#verdicts.resource(goal, goal.inputs);
        const old = this.#old(goal);
        const state = stateOf(
            goal,
            { id: "", inputs: goal.type === stackType ? {} : goal.inputs, outputs: old?.outputs ?? {}, provider: "" },
            old,
        );
        const step: Step = {
            urn: goal.urn,
            type: goal.type,
            name: goal.name,
            operation: old === undefined ? "create" : "same",
        };
        this.#keep(state, old);
        this.#note(step);
        return { urn: goal.urn, id: "", outputs: {}, ok: true };
    }

    async #registerProvider(goal: Goal): Promise<Registered> {
        const old = this.#old(goal);
        await this.#verdicts.resource(goal, goal.inputs);
        const inputs: Values = { ...goal.inputs, ...(goal.version !== "" && { version: goal.version }) };
        this.#options.providers.configure(goal.urn, inputs, old);
        const outputs = withIdentity(inputs, await this.#options.providers.connect(goal.urn));
        const id = old?.id ?? newId();
        const changed = old !== undefined && !equal(plainValues(old.inputs), plainValues(inputs));
        this.#keep(stateOf(goal, { id, inputs, outputs, provider: "" }, old), old);
        this.#note({
            urn: goal.urn,
            type: goal.type,
            name: goal.name,
            operation: old === undefined ? "create" : changed ? "update" : "same",
        });
        return { urn: goal.urn, id, outputs: inputs, ok: true };
    }

    async #registerCustom(goal: Goal, reported: { current: Step }): Promise<Registered> {
        const { providers, store, mode, events, signal } = this.#options;
        const reference = goal.provider === "" ? await this.#defaultProvider(goal) : goal.provider;
        const provider = providers.provider(goal.type, reference);
        const found = this.#old(goal);
        if (found !== undefined) providers.assertSameCluster(found, reference);
        const old = found?.pendingReplacement === true ? undefined : found;
        const context: StepContext = {
            urn: goal.urn,
            type: goal.type,
            name: goal.name,
            timeout: old === undefined ? goal.customTimeouts.create : goal.customTimeouts.update,
            signal,
            progress: (text) => events.progress(reported.current, text),
            detailed: this.#options.detailed,
        };
        const wanted = old === undefined ? goal.inputs : ignoringChanges(goal.inputs, old.inputs, goal.ignoreChanges);
        const inputs = await provider.check(wanted, old, context);
        const urn = providerUrn(reference);
        await this.#verdicts.resource(goal, inputs, { urn, inputs: this.#registered.get(urn)?.inputs ?? {} });
        const prior = this.#options.prior?.get(goal.urn);
        const planned =
            prior !== undefined && equal(prior.inputs, inputs) ? prior.plan : await provider.plan(old, inputs, context);
        const plan = adjusted(planned, goal, old, inputs);
        this.decisions.set(goal.urn, { inputs, plan: planned });
        reported.current = { urn: goal.urn, type: goal.type, name: goal.name, operation: plan.operation, plan };
        if (plan.operation === "replace" && found?.protect === true) {
            throw new EngineError(
                `has to be replaced (${plan.reason ?? "its inputs have changed"}), but is protected; unset "protect" first`,
            );
        }
        if (mode === "plan" || plan.operation === "same") {
            const draft = stateOf(
                goal,
                { id: plan.id ?? old?.id ?? "", inputs, outputs: plan.outputs, provider: reference },
                old,
            );
            if (plan.operation === "same" && old !== undefined)
                this.#keep({ ...draft, id: old.id, outputs: remarked(old.outputs, inputs) }, found);
            else this.#registered.set(goal.urn, draft);
            this.#note(reported.current);
            const id = plan.operation === "same" || plan.operation === "update" ? (old?.id ?? "") : "";
            return { urn: goal.urn, id, outputs: draft.outputs, ok: true };
        }
        this.#steps.push(reported.current);
        const state = await performStep({
            goal,
            step: reported.current,
            plan,
            inputs,
            old,
            found,
            provider,
            reference,
            store,
            events,
            context,
        });
        this.#registered.set(goal.urn, state);
        return { urn: goal.urn, id: state.id, outputs: state.outputs, ok: true };
    }

    /** The state of something that needs no step of its own. */
    #keep(state: ResourceState, old: ResourceState | undefined): void {
        const same = old !== undefined && sameState(old, state);
        if (!same) this.#stateChanged = true;
        this.#registered.set(state.urn, state);
        if (this.#options.mode === "apply") this.#registered.set(state.urn, this.#options.store.put(state, old));
    }

    #note(step: Step): void {
        this.#steps.push(step);
        this.#options.events.planned(step);
    }

    /** The provider of a package that the program does not name; made when it is first needed. */
    #defaultProvider(goal: Goal): Promise<string> {
        const provider = defaultProviderGoal(goal, this.#options);
        let reference = this.#defaults.get(provider.urn);
        if (reference === undefined) {
            this.#seen.add(provider.urn);
            reference = this.#registerProvider(provider).then(({ id }) => `${provider.urn}::${id}`);
            this.#defaults.set(provider.urn, reference);
        }
        return reference;
    }
}
