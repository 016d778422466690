/** The files of the chart's PostgreSQL: only the major version that has made them can read them. */
import { knownValues } from "./chartSchema.ts";
import { databaseImage, isEmbeddedDatabase } from "./database.ts";
import { keyPath, set } from "./errors/commands.ts";
import type { ConfigError } from "./errors/index.ts";
import type { Settings } from "./schema.ts";
import type { PlainSecrets } from "./secrets.ts";
import { valueAt } from "./values.ts";

export interface DatabaseFiles {
    /** Tag of the image; it begins with the major version. */
    readonly tag: string;
    /** Directory on the volume. */
    readonly directory: string;
}

const directoryPath = ["postgresql", "primary", "dataDirectory"];
const directoryKey = keyPath(["chart", "values", ...directoryPath]);
const tagKey = keyPath(["chart", "values", "postgresql", "image", "tag"]);

/** What the PostgreSQL of the embedded chart writes; nothing where the database is another one. */
export function databaseFiles(
    settings: Settings,
    secrets: Pick<PlainSecrets, "databaseUrl">,
): DatabaseFiles | undefined {
    if (!isEmbeddedDatabase(settings, secrets)) return undefined;
    const tag = databaseImage(settings.chart, settings.imageRegistry)?.tag;
    const directory = valueAt(knownValues(settings.chart), directoryPath);
    return tag !== undefined && typeof directory === "string" ? { tag, directory } : undefined;
}

/** What is wrong with the files to come, after those that are there. A tag that begins with no number says nothing of them. */
export function filesError(before: DatabaseFiles, now: DatabaseFiles): ConfigError | undefined {
    const [old, major] = [majorOf(before.tag), majorOf(now.tag)];
    const moves = before.directory !== now.directory;
    if (old !== undefined && major === undefined && moves)
        return {
            key: tagKey,
            problem: `is ${now.tag}, which does not begin with a major version, and ${directoryKey} changes: only another version may begin with an empty database`,
            fix: set(tagKey, before.tag),
        };
    if (old === undefined || major === undefined) return undefined;
    if (major !== old && !moves)
        return {
            key: tagKey,
            problem:
                `is ${now.tag}: PostgreSQL ${major} cannot read the files of PostgreSQL ${old} in ${now.directory}. Data goes ` +
                'over with a dump and a restore (docs/operations.md, "Another major version of PostgreSQL")',
            fix: set(tagKey, before.tag),
        };
    return major === old && moves
        ? {
              key: directoryKey,
              problem: `is ${now.directory}, and the files of PostgreSQL ${old} are in ${before.directory}: it would begin with an empty database`,
              fix: set(directoryKey, before.directory),
          }
        : undefined;
}

/** What the stack has to remember: under a tag without a number, the version that is known stays so. */
export function filesToRemember(before: DatabaseFiles, now: DatabaseFiles): DatabaseFiles {
    return majorOf(now.tag) === undefined && majorOf(before.tag) !== undefined ? before : now;
}

function majorOf(tag: string): string | undefined {
    return /^\d+/.exec(tag)?.[0];
}
