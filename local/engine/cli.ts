/** The embedded engine's command line; main.js starts it. */
import process from "node:process";
import { Command, CommanderError, Option } from "commander";
import { EngineError, UsageError, messageOf } from "./errors.ts";
import type { CancelOptions, OutputsOptions } from "./commands/others.ts";
import type { RenderCommandOptions } from "./commands/render.ts";
import type { RunOptions } from "./commands/shared.ts";
import { startEarly } from "./program.ts";
import { redactor } from "./redact.ts";

const collect = (value: string, list: readonly string[]): readonly string[] => [...list, value];

function common(command: Command): Command {
    return command
        .addOption(new Option("-s, --stack <name>", "the stack; default: PULUMI_STACK"))
        .option("-c, --config <key=value>", "configuration over the stack's file; repeatable", collect, [])
        .option("--config-path", "keys of --config are paths to members, as in gatewayApi.image.tag")
        .option("-C, --cwd <dir>", "directory of Pulumi.yaml", ".");
}

function clustered(command: Command): Command {
    return common(command)
        .option(
            "--kubeconfig <file>",
            "cluster, where the program names none; default: KUBECONFIG, else ~/.kube/config",
        )
        .option("--context <name>", "context of the kubeconfig, where the program names none")
        .option("--accept-cluster", "take this cluster for the one that the stack lived in, which was lost", false)
        .option("--json", "one JSON document on standard output", false)
        .option("-y, --yes", "do not ask", false);
}

function running(command: Command): Command {
    return clustered(command)
        .option("--diff", "show the differences even if nobody is asked", false)
        .option("--expect-no-changes", "exit with 1 when there are changes", false)
        .option("--policy-pack <dir>", "run a policy pack; repeatable; also PULUMI_OPTION_POLICY_PACK", collect, [])
        .option("--policy-pack-config <file>", "configuration of the policy pack, JSON");
}

/** Runs a command line; resolves with the exit code. */
export async function main(args: readonly string[]): Promise<number> {
    let code = 0;
    const program = new Command("engine")
        .description("Deploys a Pulumi program on Kubernetes without the Pulumi CLI.")
        .exitOverride()
        .showHelpAfterError("(add --help for usage)");
    running(program.command("preview").description("show what up would change, compared with the cluster")).action(
        async (options: RunOptions) => {
            const program = startEarly(options.cwd);
            code = await (await import("./commands/up.ts")).preview({ ...options, program });
        },
    );
    running(program.command("up").description("make the cluster what the program says")).action(
        async (options: RunOptions) => {
            const program = startEarly(options.cwd);
            code = await (await import("./commands/up.ts")).up({ ...options, program });
        },
    );
    clustered(program.command("destroy").description("remove everything that the stack has made")).action(
        async (options: RunOptions) => {
            code = await (await import("./commands/destroy.ts")).destroy(options);
        },
    );
    common(program.command("render").description("print all objects as YAML; needs no cluster"))
        .option("--show-secrets", "do not hide secret values", false)
        .option("--rbac", "print the Role and ClusterRole that a deployer of this stack needs instead", false)
        .option("--out <dir>", "one file per object instead of standard output")
        .action(async (options: RenderCommandOptions) => {
            code = await (await import("./commands/render.ts")).render(options);
        });
    common(program.command("outputs").description("print the outputs of the last up"))
        .option("--json", "as JSON", false)
        .option("--show-secrets", "do not hide secret values", false)
        .action(async (options: OutputsOptions) => {
            code = await (await import("./commands/others.ts")).outputs(options);
        });
    common(program.command("cancel").description("break the lock that a run has left behind"))
        .option("-y, --yes", "do not ask", false)
        .action(async (options: CancelOptions) => {
            code = await (await import("./commands/others.ts")).cancel(options);
        });
    try {
        await program.parseAsync(args, { from: "user" });
        return code;
    } catch (error) {
        if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has said it
        if (!(error instanceof EngineError) && !(error instanceof UsageError)) {
            if (error instanceof Error) error.stack = redactor.redact(error.stack ?? error.message);
            throw error;
        }
        process.stderr.write(`error: ${redactor.redact(messageOf(error))}\n`);
        return error instanceof UsageError ? 2 : 1;
    }
}

/** {@link main} as a process: ends it with the exit code. */
export async function run(args: readonly string[]): Promise<void> {
    const code = await main(args);
    // Writing to a pipe takes a while, and exit() does not wait: a long JSON document would be cut off.
    for (const stream of [process.stdout, process.stderr]) {
        await new Promise<void>((resolve) => stream.write("", () => resolve()));
    }
    process.exit(code);
}
