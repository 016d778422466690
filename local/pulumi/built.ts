/** The CLI, its language host and its providers, built from pinned Go modules and laid out as the CLI expects them. */
import { linkSync, mkdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { pulumiHome } from "../home.ts";
import { tools } from "../tools/catalogue.ts";
import { toolVersion } from "../tools/go.ts";

/** What is built for the CLI. */
export const pulumiTools = [
    "pulumi",
    "pulumi-language-nodejs",
    "pulumi-resource-random",
    "pulumi-resource-kubernetes",
] as const;

type Built = Readonly<Record<(typeof pulumiTools)[number], string>>;

/** `$PULUMI_HOME` of the built CLI: `bin`, `plugins`, logs. */
export function builtHome(): string {
    return path.join(pulumiHome(), "built");
}

/**
 * Puts the programs where the CLI looks for them, and returns `$PULUMI_HOME`, whose `bin` has to be on the PATH: from there
 * the CLI takes a provider that is older than its SDK, with a warning, while one below `plugins` must have the SDK's version.
 * Hard links, because the CLI looks for language hosts beside its own file, links resolved.
 */
export function linkBuilt(built: Built): string {
    const home = builtHome();
    for (const name of pulumiTools) {
        const version = toolVersion(tools[name]);
        const place = name === "pulumi-resource-random" ? `plugins/resource-random-${version}` : "bin";
        const file = path.join(home, place, name);
        const unfinished = `${file}.${process.pid}`;
        mkdirSync(path.dirname(file), { recursive: true });
        rmSync(unfinished, { force: true });
        linkSync(built[name], unfinished);
        renameSync(unfinished, file);
        // Renaming onto another link of the same file does nothing, and leaves both.
        rmSync(unfinished, { force: true });
    }
    return home;
}
