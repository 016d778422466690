/** The state of the stack `local` in the local cluster. */
import { rmSync } from "node:fs";
import { contextName } from "./cluster/index.ts";
import { identityIn } from "./engine/providers/identity.ts";
import { readState, stateFile } from "./engine/state/file.ts";
import { clusterName, localStack, project } from "./target.ts";

/** Where the stack's objects are: in the local cluster, in that of another context, or nobody knows. */
export type Place = "here" | "unknown" | { readonly context: string };

/** Reads where the stack lives. Throws when the state cannot be read. */
export function whereItLives(): Place {
    const { resources } = readState(stateFile(project, localStack)).decode(() => "null");
    const home = resources.map(identityIn).find((identity) => identity !== undefined);
    if (home === undefined) return "unknown";
    return home.context === contextName(clusterName) ? "here" : { context: home.context };
}

/** Removes the state and the copy of the one before, with all secrets that they hold. */
export function forget(): void {
    const file = stateFile(project, localStack);
    for (const each of [file, `${file}.bak`, `${file}.new`]) rmSync(each, { force: true });
}
