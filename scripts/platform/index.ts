/** From nothing to a running platform, and back. */
import { rmSync } from "node:fs";
import * as cluster from "../../local/cluster/index.ts";
import { httpsTools, installHttps } from "../../local/https/index.ts";
import { buildImages } from "../../local/images/index.ts";
import { ensurePulumi } from "../../local/pulumi/index.ts";
import type { Report } from "../../local/report.ts";
import { checkOwnCluster } from "./own-cluster.ts";
import { change, checkCluster, openSession, pinnedCluster, run, update } from "./stack.ts";
import { statusOfStack } from "./stacks.ts";
import { clusterName, localStack, target } from "./target.ts";

/** Starts the cluster, builds and loads the images, deploys, and prints the status. Returns an exit code. */
export async function bringUp(
    options: { readonly context?: string; readonly simulated?: boolean; readonly https?: boolean },
    report: Report,
): Promise<number> {
    const place = target(options.context);
    if (options.context === undefined) {
        await prepareCluster(options, report);
    } else {
        await checkOwnCluster(place, report);
    }
    const session = await openSession(place, { pinCluster: true }, report);
    const code = await update(session, { wait: options.simulated !== true }, report);
    if (code !== 0) return code;
    // The update has been checked already; a schedule that had no run yet, or a simulated node, changes nothing in that.
    await statusOfStack(localStack, options, report);
    return 0;
}

async function prepareCluster(
    { simulated = false, https = false }: { readonly simulated?: boolean; readonly https?: boolean },
    report: Report,
): Promise<void> {
    // Everything is built before anything starts, so that the progress has one total.
    await ensurePulumi(report, [...cluster.neededTools({ simulated }), ...(https ? httpsTools : [])]);
    // A deployment in a cluster that no longer exists is gone with it.
    if (cluster.status(clusterName).phase === "absent") forget(undefined);
    await cluster.up({ name: clusterName, simulated }, report);
    if (simulated) return;
    const images = await buildImages(report);
    await cluster.loadImages(
        clusterName,
        images.map(({ archive }) => archive),
        report,
    );
    if (https) await installHttps(clusterName, report);
}

/** Stops the local cluster; with `purge` its data and the stack's state are deleted. */
export async function stopLocalCluster(purge: boolean, report: Report): Promise<void> {
    await cluster.down({ name: clusterName, purge }, report);
    if (purge) forget(undefined);
}

/**
 * Destroys the stack in the cluster of a context, after a question unless `yes`. With `purge` its state goes as well, once
 * nothing of it is left there. Returns an exit code.
 */
export async function destroyStack(
    context: string,
    options: { readonly purge?: boolean; readonly yes?: boolean },
    report: Report,
): Promise<number> {
    const place = target(context);
    const session = await openSession(place, { pinCluster: false }, report);
    // `destroy` does not run the program, which would refuse another cluster.
    await checkCluster(session.kubectl, pinnedCluster(place));
    const code = await change(
        session,
        ["destroy", ...(options.yes === true ? ["--yes", "--skip-preview"] : [])],
        report,
    );
    if (code === 0 && options.purge === true) forget(context);
    return code;
}

/** Shows what `up` would change. Returns an exit code. */
export async function preview(context: string | undefined, report: Report): Promise<number> {
    return run(await openSession(target(context), { pinCluster: false }, report), ["preview"]);
}

function forget(context: string | undefined): void {
    rmSync(target(context).directory, { recursive: true, force: true });
}
