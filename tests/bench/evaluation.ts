/** How long the program itself takes: started as an engine does, with everything that it registers answered at once. */
import { tmpdir } from "node:os";
import path from "node:path";
import type { Goal } from "../../local/engine/goal.ts";
import { startMonitor } from "../../local/engine/monitor.ts";
import { runProgram } from "../../local/engine/program.ts";
import { mergeConfig, parseConfigArguments, readProject, readStackFile } from "../../local/engine/project.ts";
import { childrenCpu, type Cost, inTurns, measure, root } from "./measure.ts";
import type { Section } from "./page.ts";
import { productionConfig } from "./production.ts";

const imports = ["@pulumi/pulumi", "@pulumi/kubernetes", "@pulumi/random", "zod"];

/** Seconds; and what importing the SDKs alone took, with Node's compile cache, on the machine that it was set for. */
const bound = 0.5;
const importsThere = 0.32;

/** What the program alone takes. */
export async function evaluation(runs: number): Promise<Section> {
    const cache = path.join(tmpdir(), `tradestream-bench-cache-${process.pid}`);
    const importing = (env: Record<string, string>) => (): Promise<Cost> =>
        measure(
            process.execPath,
            ["--input-type=module", "-e", imports.map((name) => `import ${JSON.stringify(name)};`).join("")],
            { env },
        );
    const evaluating = (env: Record<string, string>) => (): Promise<Cost> => evaluate(env);
    const cached = { NODE_COMPILE_CACHE: cache };
    const uncached = { NODE_DISABLE_COMPILE_CACHE: "1" };
    // The first run fills the cache.
    await evaluate(cached);
    await importing(cached)();
    const costs = await inTurns(runs, {
        "program of production": evaluating(cached),
        "SDKs imported, nothing else": importing(cached),
        "program of production, no compile cache": evaluating(uncached),
        "SDKs imported, no compile cache": importing(uncached),
    });
    const rows = Object.entries(costs).map(([name, { seconds, cpu }]) => [name, seconds.toFixed(2), cpu.toFixed(2)]);
    const { seconds } = costs["program of production"];
    const ratio = seconds / costs["SDKs imported, nothing else"].seconds;
    const ratioBound = bound / importsThere;
    return {
        title: "Evaluation of the program",
        about: "The program in a process of its own, everything that it registers answered at once.",
        tables: [{ head: ["evaluation", "seconds", "CPU s"], rows }],
        aims: [
            {
                what: "program of production, all imports included",
                bound: `under ${bound} s`,
                measured: `${seconds.toFixed(2)} s`,
                isMet: seconds < bound,
            },
            {
                what: `the same, of the SDKs' imports (the bound is set for a machine on which they take ${importsThere} s)`,
                bound: `under ${ratioBound.toFixed(2)} times`,
                measured: `${ratio.toFixed(2)} times`,
                isMet: ratio < ratioBound,
            },
        ],
    };
}

async function evaluate(env: Readonly<Record<string, string>>): Promise<Cost> {
    const project = readProject(root);
    const config = mergeConfig(
        project,
        readStackFile(project, "production"),
        parseConfigArguments(productionConfig),
        undefined,
    );
    const messages: string[] = [];
    const monitor = await startMonitor({
        project: project.name,
        stack: "production",
        registrar: {
            urn: (_parent, type, name) => `urn:pulumi:production::${project.name}::${type}::${name}`,
            register: ({ urn, name, custom, inputs }: Goal) =>
                Promise.resolve({ urn, id: custom ? name : "", outputs: inputs, ok: true }),
            registerOutputs: () => Promise.resolve(),
            fail: (message) => messages.push(message),
        },
        log: (severity, message) => {
            if (severity === "error") messages.push(message);
        },
    });
    const before = { ...process.env };
    Object.assign(process.env, env);
    const [start, cpuBefore] = [performance.now(), childrenCpu()];
    try {
        const { ok } = await runProgram({
            ...{ project, stack: "production", config, kubeconfig: undefined, dryRun: true, address: monitor.address },
            onOutput: (line) => messages.push(line),
            signal: new AbortController().signal,
        });
        if (!ok) throw new Error(`the program failed:\n${messages.join("\n")}`);
        return { seconds: (performance.now() - start) / 1000, cpu: childrenCpu() - cpuBefore };
    } finally {
        process.env = before;
        monitor.close();
    }
}
