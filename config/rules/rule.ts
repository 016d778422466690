/** Rules over several keys. */
import type { ConfigError } from "../errors/index.ts";
import type { OtherStack } from "../otherStacks.ts";
import type { Settings } from "../schema.ts";
import type { PlainSecrets } from "../secrets.ts";

/** Input of the rules. Reading a value that is invalid already throws; the rule then reports nothing. */
export interface Configuration {
    readonly settings: Settings;
    readonly secrets: PlainSecrets;
    /** Whether placeholders replace required secrets. */
    readonly placeholders: boolean;
    /** The other stacks of the project. */
    readonly others: readonly OtherStack[];
    /** Whether this machine's kubeconfig is the one that the run uses. */
    readonly usesCluster: boolean;
}

/** Returns the errors that it finds. Each rule checks one thing, so that an error of one does not hide another. */
export type Rule = (configuration: Configuration) => readonly ConfigError[];

/** Result of a rule that finds no error. */
export const valid: readonly ConfigError[] = [];

/** Result of a rule that finds one error. */
export function invalid(key: string, problem: string, fix: string): readonly ConfigError[] {
    return [{ key, problem, fix }];
}
