/** `npm run cluster -- up|down|status|kubeconfig|images`. */
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { createReport } from "../report.ts";
import { clusterNames, defaultName, down, kubeconfigPath, loadImages, status, up } from "./index.ts";
import type { ClusterOptions } from "./index.ts";
import { describe } from "./describe.ts";

const report = createReport();
const program = new Command("cluster")
    .description("A Kubernetes of one node on this machine, built from Go modules and Debian packages.")
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });

const named = (command: Command): Command => command.option("-n, --name <name>", "the cluster's name", defaultName);

named(program.command("up"))
    .description("start the cluster and wait until its node is ready; does nothing when it runs already")
    .option("--simulated", "a simulated node (KWOK): no root, no containers")
    .option("--index <number>", "tells clusters apart: the ranges and ports below derive from it", wholeNumber)
    .option("--pod-cidr <range>", "addresses of pods (default 10.214.INDEX.0/24)")
    .option("--service-cidr <range>", "addresses of Services (default 10.215.INDEX.0/24)")
    .option("--link-cidr <range>", "addresses of machine and node (default 10.213.INDEX.0/30)")
    .option("--api-port <port>", "port of the API server (default 6443; simulated: 16443 + 10 × INDEX)", wholeNumber)
    .action(async (options: ClusterOptions) => {
        const before = status(options.name).phase;
        const after = await up(options, report);
        if (before === "ready") report.info(`The cluster ${after.name} is already running.`);
        process.stdout.write(describe(after, process.stdout));
    });

named(program.command("down"))
    .description("stop the cluster; objects, volumes and images are kept for the next `up`")
    .option("--purge", "remove its data as well")
    .action(async (options: { name: string; purge?: boolean }) => {
        const before = status(options.name).phase;
        await down(options, report);
        if (before === "absent") report.info(`There is no cluster ${options.name}.`);
    });

named(program.command("status"))
    .description("what runs, where to reach it, where the logs are; exit code 1 unless the cluster is ready")
    .option("--json", "as JSON, with the process ids of all components")
    .action((options: { name: string; json?: boolean }) => {
        const now = status(options.name);
        process.stdout.write(options.json ? `${JSON.stringify(now, undefined, 2)}\n` : describe(now, process.stdout));
        if (now.phase !== "ready") process.exitCode = 1;
    });

program
    .command("list")
    .description("the clusters of this machine")
    .action(() => {
        for (const name of clusterNames()) process.stdout.write(`${name}\t${status(name).phase}\n`);
    });

named(program.command("kubeconfig"))
    .description("print the path of the cluster's kubeconfig: export KUBECONFIG=$(npm run -s cluster -- kubeconfig)")
    .action(({ name }: { name: string }) => {
        if (status(name).phase === "absent") throw new Error(`there is no cluster ${name}: start it with \`up\``);
        process.stdout.write(`${kubeconfigPath(name)}\n`);
    });

const images = program.command("images").description("container images of the cluster");
named(images.command("load"))
    .description("load image archives (OCI or docker, as tar) into the node")
    .argument("<archives...>", "files to load")
    .action((archives: string[], { name }: { name: string }) => loadImages(name, archives, report));

function wholeNumber(text: string): number {
    if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It is not a whole number.");
    return Number(text);
}

try {
    await program.parseAsync();
} catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else {
        process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
        process.exitCode = error instanceof RangeError ? 2 : 1;
    }
}
