/** What a migration of the database means for going back: an older release does not bring an older schema. */
import { parse, stringify } from "yaml";
import { imageParts } from "../../config/formats.ts";
import { writtenKey } from "../../local/pulumi/stackFile.ts";
import type { Release, Store } from "./releases.ts";

/** The Job of a migration that has succeeded. */
export interface Migration {
    readonly name: string;
    readonly image: string;
}

interface Job {
    readonly metadata: { readonly name: string; readonly creationTimestamp: string };
    readonly spec: {
        readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
    };
    readonly status: { readonly succeeded?: number };
}

/** The newest migration that has succeeded. */
export async function lastMigration({ kubectl, namespace, releaseName }: Store): Promise<Migration | undefined> {
    const labels = `app.kubernetes.io/instance=${releaseName},app.kubernetes.io/component=database-migration`;
    const list = await kubectl(["get", "jobs", "-n", namespace, "-l", labels, "-o", "json"]);
    const newest = (JSON.parse(list) as { readonly items: readonly Job[] }).items
        .filter(({ status }) => (status.succeeded ?? 0) > 0)
        .sort((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp))
        .at(-1);
    return newest && { name: newest.metadata.name, image: newest.spec.template.spec.containers[0]?.image ?? "" };
}

/** Whether a migration has run since a release, so that its schema is a newer one than the release's own. */
export function isNewer(migration: Migration | undefined, release: Release): migration is Migration {
    return migration !== undefined && migration.name !== release.migration;
}

/** Whether the stack file says that earlier releases do not run after its migration. */
export function isIrreversible(stackFile: string, project: string): boolean {
    const { config, key } = configOf(stackFile, project);
    return config[key]?.irreversible === true;
}

/**
 * The stack file with the image of the migration that has run: the older one may refuse the newer schema, and without any,
 * services would lose the database roles that its Job makes.
 */
export function withMigration(stackFile: string, project: string, { image }: Migration): string {
    const { content, config, key } = configOf(stackFile, project);
    const { repository, tag, digest } = imageParts(image);
    const own = config[key] ?? {};
    const migration = { ...own, image: { ...own.image, repository, ...(tag && { tag }), digest } };
    return stringify({ ...content, config: { ...config, [key]: migration } });
}

interface MigrationSettings {
    readonly irreversible?: unknown;
    readonly image?: Readonly<Record<string, unknown>>;
}

type Config = Readonly<Record<string, MigrationSettings | undefined>>;

/** The content of a stack file, with the migration's key. */
function configOf(stackFile: string, project: string) {
    const content = parse(stackFile) as { readonly config?: Config | null } | null;
    const config = content?.config ?? {};
    return { content, config, key: writtenKey(config, project, "databaseMigration") };
}
