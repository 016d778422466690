/** The command line behind the Makefile: the whole platform on one machine. */
import { Argument, Command, InvalidArgumentError } from "commander";
import { createReport } from "../../local/report.ts";
import { exitCodes } from "../deploy/index.ts";
import type { Drill } from "../drills/drill.ts";
import { type DrillName, drills } from "../drills/table.ts";
import { type Credential, credentialNames } from "../rotate/index.ts";
import { drillStack } from "./drill.ts";
import { bringUp, preview, destroyStack, stopLocalCluster } from "./index.ts";
import {
    deployStack,
    diagnoseStack,
    metricsOf,
    pulumiOn,
    recoverStack,
    restoreStack,
    rollBackStack,
    rotateStack,
    statusOfStack,
} from "./stacks.ts";
import { localStack, target } from "./target.ts";

interface Options {
    readonly stack: string;
    readonly context?: string;
    readonly simulated?: boolean;
    readonly https?: boolean;
    readonly purge?: boolean;
    readonly yes?: boolean;
    readonly wait?: boolean;
    readonly json?: boolean;
    readonly days: number;
    readonly plot?: string;
    readonly drills?: string;
    readonly time?: Date;
    readonly url?: string;
    readonly target?: number;
    readonly record?: string;
    readonly rollback?: boolean;
    readonly policyPack?: string;
    readonly policyPackConfig?: string;
}

/** An empty name would mean the kubeconfig's current context, whatever that is. */
const named = (value: string): string => {
    if (value === "") throw new InvalidArgumentError("It is empty.");
    return value;
};

const pastTime = (value: string): Date => {
    const day = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.exec(value)?.[1];
    const time = new Date(day === undefined ? NaN : value);
    // JavaScript takes February 31 for a day of March.
    if (Number.isNaN(time.getTime()) || !new Date(`${day}T00:00:00Z`).toISOString().startsWith(`${day}T`))
        throw new InvalidArgumentError("Give a time with its zone, such as 2026-11-28T20:15:00Z.");
    if (time.getTime() > Date.now()) throw new InvalidArgumentError("It is in the future.");
    return time;
};

const wholeDays = (value: string): number => {
    const days = Number(value);
    if (!Number.isInteger(days) || days < 1 || days > 3650)
        throw new InvalidArgumentError("Give a whole number from 1 to 3650.");
    return days;
};

const httpUrl = (value: string): string => {
    if (!/^https?:$/.test(URL.parse(value)?.protocol ?? ""))
        throw new InvalidArgumentError("Give an address such as https://api.example.com/health.");
    return value;
};

const seconds = (value: string): number => {
    const number = value.trim() === "" ? NaN : Number(value);
    if (!(number > 0) || number > 86_400) throw new InvalidArgumentError("Give seconds, above 0 and up to 86400.");
    return number;
};

const report = createReport();
const program = new Command("tradestream")
    .description("TradeStream on this machine: a cluster, the images, the stack `local`")
    .enablePositionalOptions()
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

program
    .command("up")
    .description("start the cluster, build the images, run `pulumi up --stack local`, print the status")
    .option("--context <name>", "use this context of $KUBECONFIG instead of the local cluster", named)
    .option("--simulated", "simulate the node; needs no root, runs no containers")
    .option("--https", "with an ingress controller and cert-manager; stays until `down --purge`")
    .action((options: Options) => {
        if (options.https === true && (options.context !== undefined || options.simulated === true))
            program.error("error: --https is for the local cluster: leave --context and --simulated out");
        return finish(bringUp(options, report));
    });

program
    .command("down")
    .description("stop the local cluster; its data stays unless --purge is given")
    .option("--purge", "delete the cluster's data and the state of the stack `local` as well")
    .option("--context <name>", "destroy the stack in this context of $KUBECONFIG instead, data included", named)
    .option("-y, --yes", "with --context: do not ask")
    .action(({ context, ...options }: Options) =>
        finish(
            context === undefined
                ? stopLocalCluster(options.purge === true, report).then(() => 0)
                : destroyStack(context, options, report),
        ),
    );

program
    .command("preview")
    .description("show what `up` would change")
    .option("-s, --stack <name>", "stack; another one than `local` is looked up in your own backend", localStack)
    .option("--context <name>", "use this context of $KUBECONFIG instead of the local cluster", named)
    .action(({ stack, context }: Options) => {
        refuseContext(stack, context);
        return finish(
            stack === localStack ? preview(context, report) : pulumiOn(["preview", "--stack", stack], report),
        );
    });

program
    .command("deploy")
    .description(
        "run `pulumi up`, wait for the pods, and after a failure go back to the last good release; exit code 1 when it went back, 2 when nothing was changed, 3 when a release that failed stays",
    )
    .requiredOption("-s, --stack <name>", "stack that is deployed", named)
    .option("--policy-pack <path>", "policy pack that has to pass")
    .option("--policy-pack-config <file>", "its settings")
    .option("--no-rollback", "leave a release that has failed")
    .action(({ stack, rollback = true, policyPack, policyPackConfig }: Options) => {
        const policies = [
            ...(policyPack === undefined ? [] : ["--policy-pack", policyPack]),
            ...(policyPackConfig === undefined ? [] : ["--policy-pack-config", policyPackConfig]),
        ];
        return finish(deployStack(stack, { rollback, policies }, report), exitCodes.refused);
    });

program
    .command("rollback")
    .description(
        "go back to the last good release, or from that to the one before it; exit code 2 when nothing was changed, 3 when it failed",
    )
    .requiredOption("-s, --stack <name>", "stack that goes back", named)
    .action(({ stack }: Options) => finish(rollBackStack(stack, report), exitCodes.refused));

program
    .command("rotate")
    .description(
        "give a credential a new value in the stack file, deploy it, and end the old one; exit code 1 when it went back, 2 when nothing was changed, 3 when something is left to do: run it again",
    )
    .addArgument(
        new Argument("<credential>", "what is rotated; oauth-… ask for the new value, or read standard input").choices(
            credentialNames,
        ),
    )
    .requiredOption("-s, --stack <name>", "stack whose credential it is", named)
    .option("-y, --yes", "do not ask")
    .action((credential: Credential, { stack, ...options }: Options) =>
        finish(rotateStack(stack, credential, options, report), exitCodes.refused),
    );

program
    .command("recover")
    .description("repair a stack and its cluster after an update that was killed; deletes no object of the platform")
    .option("-s, --stack <name>", "stack; another one than `local` is looked up in your own backend", localStack)
    .option("--context <name>", "with the stack `local`: use this context of $KUBECONFIG", named)
    .action(({ stack, context }: Options) => {
        refuseContext(stack, context);
        return finish(recoverStack(stack, context, report));
    });

program
    .command("diagnose")
    .description(
        "say why pods are not ready: reasons, events, last log lines; exit code 1 when there are any, 2 when the cluster cannot be asked",
    )
    .option("-s, --stack <name>", "stack whose namespace is looked at", localStack)
    .option("--context <name>", "use this context of $KUBECONFIG", named)
    .option("--wait", "first wait for the rollouts that are under way, at most three minutes for each")
    .action(({ stack, ...options }: Options) => finish(diagnoseStack(stack, options, report), 2));

program
    .command("restore")
    .description("restore the database of a stack from its backups; what was written since then is lost")
    .option("-s, --stack <name>", "stack whose database is restored", localStack)
    .option("--context <name>", "use this context of $KUBECONFIG", named)
    .option("--time <time>", "the state at this time, such as 2026-11-28T20:15:00Z; default: the latest", pastTime)
    .option("-y, --yes", "do not ask")
    .action(({ stack, ...options }: Options) => finish(restoreStack(stack, options, report)));

program
    .command("drill")
    .description(
        "cause a fault and measure the recovery; exit code 0 when it meets the target, 1 when not, 2 when nothing was touched",
    )
    .addArgument(new Argument("<drill>", "one of those below").choices(Object.keys(drills)))
    .requiredOption("-s, --stack <name>", "stack that has the fault", named)
    .option("--context <name>", "use this context of $KUBECONFIG", named)
    .option("--url <address>", "ask this address all the while; default: the hosts of the stack", httpUrl)
    .option("--target <seconds>", "compare the recovery with this; default: the target of the drill", seconds)
    .option("--record <file>", "add the record to this file; default: ~/.tradestream/drills.jsonl", named)
    .option("-y, --yes", "do not ask")
    .addHelpText("after", () => ["\nDrills:", ...Object.entries(drills).map(drillHelp)].join("\n"))
    .action((name: DrillName, { stack, ...options }: Options) => {
        if (name === "bad-release") refuseContext(stack, options.context);
        return finish(drillStack(name, stack, options, report), 2);
    });

program
    .command("pulumi")
    .description("run the CLI on the stack `local` of the local cluster, for instance: pulumi stack output")
    .argument("<args...>", "arguments of the CLI")
    .passThroughOptions()
    .action((args: string[]) => finish(pulumiOn(args, report, target(undefined))));

program
    .command("status")
    .description(
        "show what runs, in which versions, and where to reach it; exit code 1 when something is wrong, 2 when the cluster cannot be asked",
    )
    .option("-s, --stack <name>", "stack that is looked at", localStack)
    .option("--context <name>", "use this context of $KUBECONFIG", named)
    .option("--json", "print JSON (docs/operations.md)")
    .action(({ stack, ...options }: Options) => finish(statusOfStack(stack, options, report), 2));

program
    .command("metrics")
    .description("show deployment frequency, lead time, change failure rate and time to restore; asks no cluster")
    .option("-s, --stack <name>", "stack that is looked at", localStack)
    .option("--days <number>", "how far back", wholeDays, 90)
    .option("--json", "print JSON (docs/delivery.md)")
    .option("--drills <file>", "records of drills; default: those of `npm run drill`", named)
    .option("--plot <file>", "also write a plot by weeks to this file, as SVG", named)
    .action(({ stack, ...options }: Options) => finish(metricsOf(stack, options, report)));

await program.parseAsync();

function drillHelp([name, { about, targetSeconds }]: [string, Drill]): string {
    return `  ${name.padEnd(18)}  ${about}; target ${targetSeconds} s`;
}

/** What the CLI changes is in the cluster that the stack file names, whatever kubectl is asked. */
function refuseContext(stack: string, context: string | undefined): void {
    if (stack !== localStack && context !== undefined)
        program.error(
            `error: --context is for the stack ${localStack}; Pulumi.${stack}.yaml names the context of ${stack}`,
        );
}

/** @param failure exit code of an error */
async function finish(work: Promise<number>, failure = 1): Promise<void> {
    try {
        process.exitCode = await work;
    } catch (error) {
        process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
        process.exitCode = failure;
    }
}
