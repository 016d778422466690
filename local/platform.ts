/** From nothing to a running platform, and back. */
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import path from "node:path";
import * as cluster from "./cluster/index.ts";
import { buildImages } from "./images/index.ts";
import { forget, whereItLives } from "./local-state.ts";
import type { Report } from "./report.ts";
import { printSummary } from "./summary.ts";
import { clusterName, contextStacks, localStack, target, type Target } from "./target.ts";

const root = path.resolve(import.meta.dirname, "..");

/** Starts the cluster, builds and loads the images, deploys, and says where everything is. Returns an exit code. */
export async function bringUp(
    options: { readonly context?: string; readonly simulated?: boolean },
    report: Report,
): Promise<number> {
    if (options.context === undefined) {
        await prepareCluster(options.simulated === true, report);
    } else {
        report.warn('nothing is built or loaded: for the images see "A cluster of your own" in docs/local-cluster.md');
    }
    const place = target(options.context);
    const code = await engine(["up", "--stack", localStack, "--yes"], place);
    if (code === 0) {
        await printSummary(place, report);
    }
    return code;
}

async function prepareCluster(simulated: boolean, report: Report): Promise<void> {
    // What was in a cluster that does not exist any more is gone with it.
    if (cluster.status(clusterName).phase === "absent" && whereItLives() === "here") forget();
    await cluster.up({ name: clusterName, simulated }, report);
    if (simulated) return;
    const images = await buildImages(report);
    await cluster.loadImages(
        clusterName,
        images.map(({ archive }) => archive),
        report,
    );
}

/** Stops the local cluster; with `purge` nothing of it is kept. */
export async function takeDown(purge: boolean, report: Report): Promise<void> {
    await cluster.down({ name: clusterName, purge }, report);
    if (!purge) return;
    const place = whereItLives();
    if (typeof place === "object") {
        report.warn(
            `the state of the stack ${localStack} is kept: its objects are in the cluster of context "${place.context}"; ` +
                `to remove them: npm run destroy -- --stack ${localStack} --context '${place.context}'`,
        );
        return;
    }
    forget();
}

/**
 * Takes the stack off the cluster of a context of one's own, after asking unless `yes`. With `purge` its state goes as
 * well, once nothing of it is left there. Returns an exit code.
 */
export async function takeOff(
    context: string,
    options: { readonly purge?: boolean; readonly yes?: boolean },
): Promise<number> {
    const args = ["destroy", "--stack", localStack, ...(options.yes === true ? ["--yes"] : [])];
    const code = await engine(args, target(context));
    if (code === 0 && options.purge === true) rmSync(contextStacks(context), { recursive: true, force: true });
    return code;
}

/** Runs the embedded engine on the target. Returns its exit code. */
export function engine(args: readonly string[], { env, context }: Target): Promise<number> {
    const flags = context === undefined ? [] : ["--context", context];
    return new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [path.join(root, "local/engine/main.js"), ...args, ...flags], {
            cwd: root,
            env,
            stdio: "inherit",
        });
        for (const signal of ["SIGINT", "SIGTERM"] as const) {
            // A terminal sends it to both; the engine decides how to end, and this waits for it.
            process.once(signal, () => signal === "SIGTERM" && child.kill(signal));
        }
        child.on("error", reject);
        child.on("close", (code) => resolve(code ?? 1));
    });
}
