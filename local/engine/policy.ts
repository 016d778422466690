/** Policy packs: checks of others on what the program registers. */
import type { Goal } from "./goal.ts";
import type { Values } from "./values.ts";

/** What a run needs of policy packs. */
export interface PolicyChecker {
    /** Throws when a mandatory policy is violated. */
    analyze(goal: Goal, inputs: Values, provider: string): Promise<void>;
}
