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
 * Absolute paths of the named tools, built first where they are missing, in the order given, with the tool, the total and an estimate of the remaining time as progress.
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
    const start = performance.now();
    for (const [index, name] of missing.entries()) {
        const left = remaining(missing.slice(0, index), missing.slice(index), (performance.now() - start) / 1000);
        const position = `${index + 1} of ${missing.length}${left}`;
        const title = `Building ${name} ${toolVersion(tools[name])} (${position})`;
        await report.step(title, (note) => build(tools[name], places[name], note));
    }
    return places;
}

/** The time that is left, by the known shares of the tools and the speed so far, such as `, about 12 min left`. */
function remaining(done: readonly ToolName[], open: readonly ToolName[], elapsed: number): string {
    const cost = (names: readonly ToolName[]): number => names.reduce((sum, name) => sum + tools[name].seconds, 0);
    const speed = done.length === 0 ? 1 : elapsed / cost(done);
    const minutes = (cost(open) * speed) / 60;
    return minutes < 1 ? "" : `, about ${Math.ceil(minutes)} min left`;
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
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const files = entries.map((entry) => path.join(entry.parentPath, entry.name)).sort();
    for (const file of files) hash.update(path.relative(directory, file)).update(readFileSync(file));
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

/** The directory with the source of a tool's module, or of another one that it is built with, for the files that it ships. */
export async function moduleSource(name: ToolName, module?: string): Promise<string> {
    return sourceOf(tools[name], module);
}
