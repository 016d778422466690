/** Deploys a release: found good it is remembered, otherwise the last good one comes back. */
import { readFileSync } from "node:fs";
import { type Ended, type Output, runPulumi } from "../../local/pulumi/run.ts";
import type { Report } from "../../local/report.ts";
import { diagnose } from "../diagnose.ts";
import { recover, type StackCommand } from "../recover.ts";
import { haveRolledOut } from "../rollouts.ts";
import { committed, has, inCheckout } from "./checkout.ts";
import { watchForInterruption } from "./interruption.ts";
import { isIrreversible, isNewer, lastMigration, withMigration } from "./migration.ts";
import {
    earlier,
    nameOf,
    readReleases,
    type Release,
    type Releases,
    remember,
    type Store,
    withNewest,
    writeReleases,
} from "./releases.ts";

/** A stack, its cluster, and the work tree that is deployed. */
export interface Site extends Store {
    readonly command: StackCommand;
    /** The stack file that the command reads. */
    readonly stackFile: string;
    /** What becomes of the CLI's output. Default: `errors`. */
    readonly output?: Output;
}

export interface DeployOptions {
    /** Whether the last good release comes back after a failure. */
    readonly rollback: boolean;
    /** Flags of `preview` and `up` that name policy packs. */
    readonly policies: readonly string[];
}

/** Exit codes. Whatever is refused before it changes anything is an error that is thrown, and exit code 2. */
export const exitCodes = { good: 0, wentBack: 1, refused: 2, stays: 3 } as const;

export interface Outcome {
    readonly code: (typeof exitCodes)[keyof typeof exitCodes];
    /** What came of it, in sentences. */
    readonly said: string;
}

/** What the CLI says when another update has the stack. */
const locked = /the stack is currently locked|\[409\] Conflict/;

/**
 * Previews, updates, and waits for the pods.
 * @throws when nothing was changed: files are not committed, the preview fails, another update runs
 */
export async function deploy(site: Site, { rollback, policies }: DeployOptions, report: Report): Promise<Outcome> {
    const { command } = site;
    const commit = await committed(command.cwd, fileName(site));
    const before = await readReleases(site);
    const [target] = before.good;
    if (target === undefined) report.warn("no good release is known yet: if this one fails, it stays");
    else if (rollback) await requireCheckout(site, target);
    await repair(site, report);
    const preview = await pulumi(site, command, ["preview", ...policies]);
    if (preview.code !== 0) throw new Error("nothing was changed: the preview has failed");
    const stackFile = readFileSync(site.stackFile, "utf8");
    // Before the first deployment there may be no namespace for it yet.
    if (target !== undefined) await writeReleases(site, { ...before, unfinished: commit });
    const interruption = watchForInterruption();
    const failure = await update(site, command, policies, report)
        .catch((error: unknown) => {
            if (error instanceof Busy) throw error;
            return (error as Error).message;
        })
        .finally(interruption.end);
    if (failure === undefined) return succeeded(site, { commit, stackFile }, before);
    const failed = `The deployment of ${commit.slice(0, 10)} has failed: ${failure}.`;
    const stays = (why: string): Outcome => ({ code: exitCodes.stays, said: `${failed} ${why}` });
    if (interruption.came())
        return stays("It was interrupted, so what it has done stays: deploy again, or `npm run rollback`.");
    if (target === undefined) return stays("There is no good release to go back to, so it stays.");
    if (!rollback) return stays("It stays, as --no-rollback says; `npm run rollback` goes back.");
    const { code, said } = await goBack(site, before, target, stackFile, report);
    return { code: code === exitCodes.good ? exitCodes.wentBack : code, said: `${failed} ${said}` };
}

async function succeeded(
    site: Site,
    deployed: Pick<Release, "commit" | "stackFile">,
    before: Releases,
): Promise<Outcome> {
    const release = { ...deployed, deployed: new Date().toISOString() };
    try {
        const migration = await lastMigration(site);
        const good = { ...release, ...(migration && { migration: migration.name }) };
        await remember(site, withNewest(good, before.good));
        return { code: exitCodes.good, said: `Deployed ${nameOf(release)}.` };
    } catch (error) {
        const why = (error as Error).message;
        return {
            code: exitCodes.stays,
            said: `Deployed ${nameOf(release)}, but it is not remembered as a good release: ${why}. Deploy it again.`,
        };
    }
}

/**
 * Goes back by hand: to the last good release, or where that one runs, to the one before it.
 * @throws when nothing was changed
 */
export async function rollBack(site: Site, report: Report): Promise<Outcome> {
    const releases = await readReleases(site);
    const target = earlier(releases);
    if (target === undefined)
        throw new Error("there is no earlier release: `npm run deploy` remembers those that it finds good");
    await requireCheckout(site, target);
    const stackFile =
        releases.unfinished === undefined ? releases.good[0]!.stackFile : readFileSync(site.stackFile, "utf8");
    return goBack(site, releases, target, stackFile, report);
}

/** @param leaving Stack file of what is deployed now. */
async function goBack(
    site: Site,
    releases: Releases,
    target: Release,
    leaving: string,
    report: Report,
): Promise<Outcome> {
    const { command } = site;
    try {
        const migration = await lastMigration(site);
        const migrated = isNewer(migration, target) ? `${migration.name} (${migration.image})` : undefined;
        if (migrated !== undefined && isIrreversible(leaving, command.project))
            return {
                code: exitCodes.stays,
                said: `Not gone back to ${nameOf(target)}: the migration ${migrated} has run, and databaseMigration.irreversible says that no earlier release runs after it.`,
            };
        report.info(`Going back to ${nameOf(target)}`);
        await repair(site, report);
        const content = isNewer(migration, target)
            ? withMigration(target.stackFile, command.project, migration)
            : target.stackFile;
        const failure = await inCheckout(
            command.cwd,
            target.commit,
            { name: fileName(site), content },
            report,
            (directory) => update(site, { ...command, cwd: directory, flags: [] }, [], report),
        );
        if (failure !== undefined) throw new Error(failure);
        await remember(site, releases.good.slice(releases.good.indexOf(target)));
        const schema = migrated === undefined ? "" : ` The database keeps what the migration ${migrated} has done.`;
        return { code: exitCodes.good, said: `${nameOf(target)} is back, and its pods are ready.${schema}` };
    } catch (error) {
        const why = (error as Error).message;
        return {
            code: exitCodes.stays,
            said: `Going back to ${nameOf(target)} has failed too: ${why}. \`npm run diagnose\` says what is not ready; then \`npm run rollback\` tries again.`,
        };
    }
}

/** Somebody else has the stack: its update is not ours to take back. */
class Busy extends Error {}

/** Runs `up` and waits for the pods. Returns why the release is not good, after printing what is known of it. */
async function update(
    site: Site,
    command: StackCommand,
    policies: readonly string[],
    report: Report,
): Promise<string | undefined> {
    const { kubectl, namespace } = site;
    // The preview has run; its policies have to hold in the update as well.
    const { code, stderr } = await pulumi(site, command, ["up", "--yes", "--skip-preview", ...policies]);
    if (locked.test(stderr)) throw new Busy("nothing was changed: another update of this stack is in progress");
    if (code === 0 && (await haveRolledOut(kubectl, namespace, report))) return undefined;
    (await diagnose(kubectl, namespace)).forEach((line) => report.info(line));
    return code === 0 ? "its pods do not become ready" : "`pulumi up` ends with an error";
}

async function repair({ command, kubectl, namespace }: Site, report: Report): Promise<void> {
    (await recover(command, kubectl, namespace, report)).forEach((line) => report.info(line));
}

async function requireCheckout({ command }: Site, target: Release): Promise<void> {
    if (await has(command.cwd, target.commit)) return;
    throw new Error(
        `the release to go back to, ${nameOf(target)}, is not in this clone: \`git fetch --unshallow\`, or deploy with --no-rollback`,
    );
}

function pulumi({ output = "errors" }: Site, command: StackCommand, args: readonly string[]): Promise<Ended> {
    const { file, cwd, env, stack, flags } = command;
    return runPulumi({ file, env }, [...args, "--stack", stack, ...flags], { cwd, env, output });
}

function fileName({ command }: Site): string {
    return `Pulumi.${command.stack.split("/").at(-1)}.yaml`;
}
