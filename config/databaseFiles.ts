/** The files of the chart's PostgreSQL: only the major version that has made them can read them. */
import { repositoryPath } from "./backup.ts";
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
    /** Where its backups go, where it has any. */
    readonly backups?: BackupPlace;
}

interface BackupPlace {
    /** Bucket or volume. */
    readonly storage: string;
    readonly prefix: string;
}

/** What a stack remembers of them. */
export interface RememberedFiles extends Omit<DatabaseFiles, "backups"> {
    /** Tags by place of the backups: pgBackRest keeps a repository for the version that has begun it. */
    readonly repositories?: Readonly<Record<string, string>>;
}

const directoryPath = ["postgresql", "primary", "dataDirectory"];
const directoryKey = keyPath(["chart", "values", ...directoryPath]);
const prefixKey = "backup.prefix";
const tagKey = keyPath(["chart", "values", "postgresql", "image", "tag"]);

/** What the PostgreSQL of the embedded chart writes; nothing where the database is another one. */
export function databaseFiles(
    settings: Settings,
    secrets: Pick<PlainSecrets, "databaseUrl">,
): DatabaseFiles | undefined {
    if (!isEmbeddedDatabase(settings, secrets)) return undefined;
    const tag = databaseImage(settings.chart, settings.imageRegistry)?.tag;
    const directory = valueAt(knownValues(settings.chart), directoryPath);
    if (tag === undefined || typeof directory !== "string") return undefined;
    return { tag, directory, ...(settings.backup.enabled && { backups: backupsOf(settings) }) };
}

function backupsOf({ backup, namespace, releaseName }: Settings): BackupPlace {
    const { s3, volume } = backup;
    const storage = s3 === undefined ? `claim ${volume?.claimName}` : `${s3.endpoint}/${s3.bucket}`;
    return { storage, prefix: repositoryPath(backup, namespace, releaseName) };
}

/** What is wrong with the files to come, after those that are there. A tag that begins with no number says nothing of them. */
export function filesError(before: RememberedFiles, now: DatabaseFiles): ConfigError | undefined {
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

/** What is wrong with the place of the backups to come: that of another version, whose server would archive nothing there. */
export function repositoryError(before: RememberedFiles, { tag, backups }: DatabaseFiles): ConfigError | undefined {
    if (backups === undefined) return undefined;
    const [owner, major] = [majorOf(before.repositories?.[placeOf(backups)] ?? ""), majorOf(tag)];
    if (owner === undefined || major === undefined || owner === major) return undefined;
    const { prefix } = backups;
    return {
        key: prefixKey,
        problem: `is ${prefix}, where the backups of PostgreSQL ${owner} are: PostgreSQL ${major} needs a place of its own`,
        fix: set(prefixKey, `${prefix}-${major}`),
    };
}

/** What the stack has to remember: under a tag without a number, the version that is known stays so. */
export function filesToRemember(before: RememberedFiles | undefined, now: DatabaseFiles): RememberedFiles {
    const isKnown = before !== undefined && majorOf(before.tag) !== undefined && majorOf(now.tag) === undefined;
    const { tag, directory } = isKnown ? before : now;
    const repositories = { ...before?.repositories, ...(now.backups && { [placeOf(now.backups)]: tag }) };
    return { tag, directory, ...(Object.keys(repositories).length > 0 && { repositories }) };
}

function placeOf({ storage, prefix }: BackupPlace): string {
    return `${storage}${prefix}`;
}

function majorOf(tag: string): string | undefined {
    return /^\d+/.exec(tag)?.[0];
}
