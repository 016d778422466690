/** Builds the images of the local stack, without an image registry and without Docker, and keeps them as archives. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { ensurePackages } from "../debian.ts";
import { imagesHome } from "../home.ts";
import type { Report } from "../report.ts";
import { ensureTools } from "../tools/index.ts";
import { tools } from "../tools/catalogue.ts";
import { moduleDirectory } from "../tools/go.ts";
import { withLock } from "../tools/lock.ts";
import { architecture, writeArchive } from "./archive.ts";
import type { Recipe } from "./catalogue.ts";
import {
    debianSuite,
    exporterRecipes,
    httpsRecipes,
    loggingRecipes,
    nameServer,
    nextPostgresql,
    recipes,
    userId,
} from "./catalogue.ts";
import type { Note } from "./command.ts";
import { makeLayers, needs, serversDirectory, standInsDirectory } from "./layers.ts";

export interface Image {
    /** The image's name after an import, for instance `debian.tradestream.local/redis:7`. */
    readonly reference: string;
    /** Absolute path of its archive, an OCI image layout in a tar. */
    readonly archive: string;
}

export interface BuildOptions {
    /** Build also what is there already, to take Debian's newest packages in (default: false). */
    readonly fresh?: boolean;
    /** Which ones (default: those of the local stack). */
    readonly recipes?: readonly Recipe[];
}

/** To be raised when the way of building changes so that older archives are of no use. */
const buildVersion = 1;

/**
 * The images of the local stack, or of other recipes, built first where they are missing.
 *
 * An archive's name holds a key of everything it is made of, so that a second call takes milliseconds, and archives of
 * earlier sources are removed. Debian's packages are the newest at the time of building. Needs Go; and mmdebstrap,
 * which root gets installed. Throws an error that names what is missing or the end of a failed command's output.
 */
export async function buildImages(report: Report, options: BuildOptions = {}): Promise<readonly Image[]> {
    const wanted = options.recipes ?? recipes;
    const isMissing = (recipe: Recipe): boolean =>
        options.fresh === true || locate(recipe).some((image) => !existsSync(image.archive));
    if (wanted.some(isMissing)) {
        const waiting = (): void => report.info("Another process is building images, waiting for it");
        const work = async (): Promise<void> => {
            removeLeftovers();
            const missing = wanted.filter(isMissing);
            const programs = missing.flatMap(({ source }) => (source.kind === "tool" ? source.tool : []));
            await ensureTools(programs, report);
            if (missing.some(({ source }) => source.kind === "debian")) await ensurePackages(needs, report);
            for (const [index, recipe] of missing.entries()) {
                const title = `Building image ${recipe.name} (${index + 1} of ${missing.length})`;
                await report.step(title, (note) => build(recipe, note));
            }
        };
        await withLock(path.join(imagesHome(), "lock"), work, waiting);
    }
    return wanted.flatMap(locate);
}

/** Where the archive of each image of the local stack is, or will be. */
export function listImages(): readonly Image[] {
    return recipes.flatMap(locate);
}

function locate(recipe: Recipe): Image[] {
    const key = contentKey(recipe);
    return recipe.images.map(({ reference }) => {
        const name = reference.slice(reference.lastIndexOf("/") + 1).replace(":", "-");
        return { reference, archive: path.join(imagesHome(), `${name}-${key}.tar`) };
    });
}

/** A short hash of all that a recipe's images are made of. */
export function contentKey(recipe: Recipe): string {
    const hash = createHash("sha256").update(
        JSON.stringify([buildVersion, architecture(), userId, debianSuite, recipe]),
    );
    for (const file of sourceFiles(recipe)) hash.update(`\0${path.basename(file)}\0`).update(readFileSync(file));
    return hash.digest("hex").slice(0, 12);
}

function sourceFiles({ source }: Recipe): string[] {
    switch (source.kind) {
        case "stand-in":
            return filesBelow(standInsDirectory);
        case "debian":
            return source.script === undefined ? [] : [path.join(serversDirectory, source.script)];
        case "tool":
            return filesBelow(moduleDirectory(tools[source.tool].group));
    }
}

function filesBelow(directory: string): string[] {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.endsWith("_test.go"))
        .map((entry) => path.join(entry.parentPath, entry.name))
        .sort();
}

async function build(recipe: Recipe, note: Note): Promise<void> {
    const scratch = path.join(imagesHome(), `unfinished-${recipe.name}`);
    mkdirSync(scratch, { recursive: true });
    try {
        const layers = await makeLayers(recipe, scratch, note);
        for (const [index, { reference, archive }] of locate(recipe).entries()) {
            note(`packing ${reference}`);
            const unfinished = path.join(scratch, path.basename(archive));
            const { config } = recipe.images[index] ?? missingImage(reference);
            await writeArchive(reference, config, layers, unfinished, path.join(scratch, "layout"));
            renameSync(unfinished, archive);
        }
    } finally {
        rmSync(scratch, { recursive: true, force: true });
    }
}

function missingImage(reference: string): never {
    throw new Error(`no image ${reference} in its recipe`);
}

/** Removes archives of earlier sources and what an interrupted build left. Only the holder of the lock does so. */
function removeLeftovers(): void {
    const current = new Set(
        [...recipes, ...httpsRecipes, ...loggingRecipes, ...exporterRecipes, nameServer, nextPostgresql]
            .flatMap(locate)
            .map(({ archive }) => path.basename(archive)),
    );
    for (const name of readdirSync(imagesHome())) {
        const outdated = name.endsWith(".tar") && !current.has(name);
        if (outdated || name.startsWith("unfinished-")) {
            rmSync(path.join(imagesHome(), name), { recursive: true, force: true });
        }
    }
}
