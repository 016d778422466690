/** The command line behind the Makefile: the whole platform on one machine. */
import { Command } from "commander";
import { bringUp, engine, takeDown, takeOff } from "./platform.ts";
import { createReport } from "./report.ts";
import { printSummary } from "./summary.ts";
import { target } from "./target.ts";

interface Options {
    readonly stack: string;
    readonly context?: string;
    readonly simulated?: boolean;
    readonly purge?: boolean;
    readonly yes?: boolean;
}

const report = createReport();
const program = new Command("tradestream")
    .description("TradeStream on this machine: a cluster, the images, the stack")
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

program
    .command("up")
    .description("start the cluster, build the images, deploy the stack local, say where everything is")
    .option("--context <name>", "use this context of $KUBECONFIG instead of the local cluster")
    .option("--simulated", "simulate the node; needs no root, runs no containers")
    .action((options: Options) => finish(bringUp(options, report)));

program
    .command("down")
    .description("stop the local cluster; its data stays unless --purge is given")
    .option("--purge", "delete the cluster's data and the state of the stack local as well")
    .option("--context <name>", "destroy the stack in this context of $KUBECONFIG instead, data included")
    .option("-y, --yes", "with --context: do not ask")
    .action((options: Options) =>
        finish(
            options.context === undefined
                ? takeDown(options.purge === true, report).then(() => 0)
                : takeOff(options.context, options),
        ),
    );

program
    .command("preview")
    .description("show what an update would change")
    .option("-s, --stack <name>", "stack", "local")
    .option("--context <name>", "use this context of $KUBECONFIG instead of the local cluster")
    .action(({ stack, context }: Options) => finish(engine(["preview", "--stack", stack], target(context, stack))));

program
    .command("status")
    .description("show what runs and where to reach it")
    .option("--context <name>", "use this context of $KUBECONFIG instead of the local cluster")
    .action((options: Options) => finish(printSummary(target(options.context), report).then(() => 0)));

await program.parseAsync();

async function finish(work: Promise<number>): Promise<void> {
    try {
        process.exitCode = await work;
    } catch (error) {
        process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
        process.exitCode = 1;
    }
}
