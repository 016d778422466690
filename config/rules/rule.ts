/** What a rule over several keys is. */
import type { Fault } from "../errors/index.ts";
import type { Settings } from "../schema.ts";
import type { PlainSecrets } from "../secrets.ts";

/** What rules look at. Reading a value that is at fault already throws, and the rule then says nothing. */
export interface Configuration {
    readonly settings: Settings;
    readonly secrets: PlainSecrets;
    /** Whether placeholders stand in for required secrets. */
    readonly placeholders: boolean;
}

/** Returns the faults that it finds; changes nothing. One rule looks at one thing, so that none hides another's fault. */
export type Rule = (configuration: Configuration) => readonly Fault[];

/** What a rule returns where all is well. */
export const fine: readonly Fault[] = [];

/** What a rule returns where one thing is wrong. */
export function fault(key: string, problem: string, remedy: string): readonly Fault[] {
    return [{ key, problem, remedy }];
}
