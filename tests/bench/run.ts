/**
 * Measures speed, prints tables and writes them to `docs/benchmarks.md`. Everything runs against a simulated node of its
 * own, so that images do not matter. Ratios are from the same run, which has the same load.
 */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import * as cluster from "../../local/cluster/index.ts";
import { createReport } from "../../local/report.ts";
import { growth } from "./growth.ts";
import { publish } from "./page.ts";
import { policy } from "./policy.ts";
import { speed } from "./speed.ts";

const parts = ["policy", "speed", "growth"] as const;
const usage = `usage: node tests/bench/run.ts [--runs N] [--sizes 10,30,100,300] [${parts.join("|")}]...\n`;
const name = "bench";
const report = createReport();
const scratch = mkdtempSync(path.join(os.tmpdir(), "tradestream-bench-"));

process.exitCode = await main();

async function main(): Promise<number> {
    const { values, positionals } = parseArgs({
        options: { runs: { type: "string", default: "3" }, sizes: { type: "string", default: "10,30,100,300" } },
        allowPositionals: true,
    });
    const sizes = values.sizes.split(",").map(Number);
    const isValid = /^[1-9]\d*$/.test(values.runs) && sizes.every((size) => Number.isInteger(size) && size > 0);
    if (!isValid || positionals.some((part) => !(parts as readonly string[]).includes(part))) {
        process.stderr.write(usage);
        return 2;
    }
    const chosen = (part: (typeof parts)[number]): boolean => positionals.length === 0 || positionals.includes(part);
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
        process.once(signal, () => void cleanUp().finally(() => process.exit(130)));
    }
    try {
        const runs = Number(values.runs);
        if (chosen("policy")) publish(await policy(), new Date());
        if (chosen("speed")) publish(await speed(runs, scratch, await freshCluster()), new Date());
        if (chosen("growth")) publish(await growth(sizes, scratch, freshCluster), new Date());
        return 0;
    } finally {
        await cleanUp();
    }
}

/** An empty cluster, as the environment of the CLI. */
async function freshCluster(): Promise<Readonly<Record<string, string>>> {
    await cluster.down({ name, purge: true }, report);
    await cluster.up({ name, simulated: true }, report);
    return { KUBECONFIG: cluster.kubeconfigPath(name) };
}

async function cleanUp(): Promise<void> {
    await cluster.down({ name, purge: true }, report);
    rmSync(scratch, { recursive: true, force: true });
}
