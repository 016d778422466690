/** What policy packs say in one pass over the program, and what follows from it. */
import { EngineError, messageOf } from "./errors.ts";
import type { Events, Failure, Violation } from "./events.ts";
import type { Goal } from "./goal.ts";
import type { PolicyChecker, ProviderInfo } from "./policy.ts";
import type { ResourceState } from "./state/types.ts";
import { urnName } from "./urn.ts";
import type { Values } from "./values.ts";

export class Verdicts {
    readonly violations: Violation[] = [];
    /** What a preview has refused; it goes on, so that everything is told at once. */
    readonly refusals: Failure[] = [];
    readonly #policy: PolicyChecker | undefined;
    readonly #mode: "plan" | "apply";
    readonly #events: Events;

    constructor(policy: PolicyChecker | undefined, mode: "plan" | "apply", events: Events) {
        this.#policy = policy;
        this.#mode = mode;
        this.#events = events;
    }

    /** Asks about a resource. Throws when it is refused and would be made now. */
    async resource(goal: Goal, inputs: Values, provider?: ProviderInfo): Promise<void> {
        const mandatory = this.#keep((await this.#policy?.analyze(goal, inputs, provider)) ?? []);
        if (mandatory.length === 0) return;
        const message = mandatory.map(textOf).join("\n");
        if (this.#mode === "apply") throw new EngineError(message);
        const { urn, type, name } = goal;
        this.refusals.push({ urn, name, message });
        this.#events.failed({ urn, type, name, operation: "create" }, message);
    }

    /** Asks about the stack as a whole. A pack that cannot answer refuses it. */
    async stack(resources: readonly ResourceState[]): Promise<void> {
        try {
            const mandatory = this.#keep((await this.#policy?.analyzeStack(resources)) ?? []);
            for (const violation of mandatory) {
                const { urn } = violation;
                this.refusals.push({ urn, name: urn === "" ? "" : urnName(urn), message: textOf(violation) });
            }
        } catch (error) {
            this.refusals.push({ urn: "", name: "", message: messageOf(error) });
        }
    }

    /** Remembers all, tells what is only advice, and returns the rest. */
    #keep(violations: readonly Violation[]): readonly Violation[] {
        this.violations.push(...violations);
        for (const violation of violations)
            if (violation.level === "advisory") this.#events.message("warning", textOf(violation), violation.urn);
        return violations.filter(({ level }) => level === "mandatory");
    }
}

function textOf({ policy, pack, message }: Violation): string {
    return `policy ${policy} (${pack}): ${message}`;
}
