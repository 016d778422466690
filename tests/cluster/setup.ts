/**
 * Starts the cluster that all files of a suite share, with all images, and takes it down whatever happens.
 * `$TEST_CLUSTER` is its name (default: `tests`): runs beside each other need clusters of different names.
 */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import * as cluster from "../../local/cluster/index.ts";
import { ensurePackages } from "../../local/debian.ts";
import { httpsTools } from "../../local/https/index.ts";
import { buildImages } from "../../local/images/index.ts";
import { ensurePulumi } from "../../local/pulumi/index.ts";
import { createReport } from "../../local/report.ts";
import { browserNeeds } from "./support/browser.ts";
import { cluster as name, drained, lifecycle } from "./support/cluster-name.ts";

/** Clusters of single files, whose own cleanup does not run when the run is interrupted. */
const others = [lifecycle, drained];
const report = createReport();
const stacks = mkdtempSync(path.join(os.tmpdir(), "tradestream-stacks-"));

export async function mochaGlobalSetup(): Promise<void> {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
        process.once(signal, () => void mochaGlobalTeardown().finally(() => process.exit(130)));
    }
    const servers = ["versitygw", "pebble", "sealed-secrets", "kubeseal", "otelcol", "victoria-logs"] as const;
    const tools = ["kwok", "helm", ...servers, "kube-state-metrics", ...httpsTools] as const;
    await ensurePulumi(report, [...cluster.neededTools({ simulated: false }), ...tools]);
    // Nothing is installed while a test waits for it.
    await ensurePackages(browserNeeds, report);
    const images = await buildImages(report);
    // What an interrupted run may have left is not what these tests are about.
    await cluster.down({ name, purge: true }, report);
    await cluster.up({ name }, report);
    await cluster.loadImages(
        name,
        images.map(({ archive }) => archive),
        report,
    );
    process.env["KUBECONFIG"] = cluster.kubeconfigPath(name);
    process.env["TRADESTREAM_TEST_STACKS"] = stacks;
}

export async function mochaGlobalTeardown(): Promise<void> {
    const ended = process.env["KEEP_CLUSTER"] === undefined ? [...others, name] : others;
    for (const each of ended) await cluster.down({ name: each, purge: true }, report);
    rmSync(stacks, { recursive: true, force: true });
}
