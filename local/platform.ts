/** From nothing to a running platform, and back. */
import { spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import * as cluster from "./cluster/index.ts";
import { stacksHome } from "./home.ts";
import { buildImages } from "./images/index.ts";
import type { Report } from "./report.ts";
import { printSummary } from "./summary.ts";
import { clusterName, target, type Target } from "./target.ts";

const root = path.resolve(import.meta.dirname, "..");
const project = "tradestream";
const stack = "local";

/** Starts the cluster, builds and loads the images, deploys, and says where everything is. Returns an exit code. */
export async function bringUp(
    options: { readonly context?: string; readonly simulated?: boolean },
    report: Report,
): Promise<number> {
    if (options.context === undefined) {
        await cluster.up({ name: clusterName, simulated: options.simulated ?? false }, report);
        if (options.simulated !== true) {
            const images = await buildImages(report);
            await cluster.loadImages(
                clusterName,
                images.map(({ archive }) => archive),
                report,
            );
        }
    } else {
        report.warn(
            `the stack ${stack} uses images that only the local cluster has; ` +
                "set image.repository and image.tag of each service for a cluster of your own",
        );
    }
    const place = target(options.context);
    const code = await engine(["up", "--stack", stack, "--yes"], place);
    if (code === 0) {
        await printSummary(place, report);
    }
    return code;
}

/** Stops the cluster; with `purge` nothing of it is kept. */
export async function takeDown(purge: boolean, report: Report): Promise<void> {
    await cluster.down({ name: clusterName, purge }, report);
    if (purge) {
        const state = path.join(stacksHome(project), `${stack}.json`);
        if (existsSync(state)) {
            rmSync(state);
        }
    }
}

/** Runs the embedded engine on the target. Returns its exit code. */
export function engine(args: readonly string[], { env, context }: Target): Promise<number> {
    const flags = context === undefined ? [] : ["--context", context];
    return new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [path.join(root, "local/engine/cli.ts"), ...args, ...flags], {
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
