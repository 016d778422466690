/** Builds the tools that are needed and missing, and says where they are. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { toolsHome } from "../home.ts";
import type { Report } from "../report.ts";
import { tools } from "./catalogue.ts";
import type { Tool, ToolName } from "./catalogue.ts";
import { goBuild, goVersion, linkerFlags, moduleDirectory, moduleSource as sourceOf, toolVersion } from "./go.ts";
import { withLock } from "./lock.ts";

export { isToolName, toolNames } from "./catalogue.ts";
export type { ToolName } from "./catalogue.ts";

/**
 * Absolute paths of the named tools, built first where they are missing, in the order given.
 *
 * A built tool is kept under `toolsHome()`, keyed by its module's files, linker flags and Go's version, so a second call
 * takes milliseconds. Each build goes to a file of its own and is then renamed, under a lock per tool: two processes
 * that want the same tool build it once. Throws when Go is missing or too old, or with the end of Go's output.
 */
export async function ensureTools<const N extends ToolName>(
    names: readonly N[],
    report: Report,
): Promise<Record<N, string>> {
    const places = await locate(names);
    const missing = names.filter((name) => !existsSync(places[name]));
    for (const [index, name] of missing.entries()) {
        const title = `Building ${name} ${toolVersion(tools[name])} (${index + 1} of ${missing.length})`;
        await report.step(title, (note) => build(tools[name], places[name], note));
    }
    return places;
}

/** Where each tool is, or will be once it is built. */
export async function locate<const N extends ToolName>(names: readonly N[]): Promise<Record<N, string>> {
    const groups = new Map<string, string>();
    const places: Partial<Record<N, string>> = {};
    for (const name of names) {
        const tool = tools[name];
        const go = groups.get(tool.group) ?? (await goVersion(tool.group));
        groups.set(tool.group, go);
        places[name] = path.join(toolsHome(), `${tool.group}-${toolVersion(tool)}-${key(tool, go)}`, name);
    }
    return places as Record<N, string>;
}

function key(tool: Tool, go: string): string {
    const hash = createHash("sha256").update(go).update(linkerFlags(tool));
    const directory = moduleDirectory(tool.group);
    for (const file of readdirSync(directory).sort()) hash.update(readFileSync(path.join(directory, file)));
    return hash.digest("hex").slice(0, 12);
}

async function build(tool: Tool, place: string, note: (text: string) => void): Promise<void> {
    mkdirSync(path.dirname(place), { recursive: true });
    const waiting = (): void => note("another process is building it");
    const work = async (): Promise<void> => {
        if (existsSync(place)) return;
        const unfinished = `${place}.${process.pid}`;
        try {
            await goBuild(tool, unfinished, note);
            renameSync(unfinished, place);
        } finally {
            rmSync(unfinished, { force: true });
        }
    };
    await withLock(`${place}.lock`, work, waiting);
}

/** The directory with the source of a tool's module, for the files that it ships beside its program. */
export async function moduleSource(name: ToolName): Promise<string> {
    return sourceOf(tools[name]);
}
