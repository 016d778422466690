/** Stacks of tests: the official CLI, each stack with a backend of its own in the tests' directory. */
import { rmSync } from "node:fs";
import path from "node:path";
import { ensurePulumi, type Pulumi } from "../../../local/pulumi/index.ts";
import { type Ended, runPulumi } from "../../../local/pulumi/run.ts";
import { type LocalStack, openStack, stackArguments } from "../../../local/pulumi/stack.ts";
import { createReport } from "../../../local/report.ts";
import type { StackCommand } from "../../../scripts/recover.ts";
import { type Change, configuration, type Stack } from "../../support/configuration.ts";
import { root } from "./commands.ts";

export type { Ended } from "../../../local/pulumi/run.ts";

/** Configuration by key with project. */
export type StackConfig = Readonly<Record<string, unknown>>;

/** What `up --json` and `preview --json` say of one resource. */
export interface Step {
    readonly op: string;
    readonly urn: string;
}

/** Whether a step changes an object or a generated value; components and the provider's settings are neither. */
export function isChange({ op, urn }: Step): boolean {
    const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
    return /^(kubernetes|random):/.test(type) && !["same", "read", "refresh"].includes(op);
}

/** Commands that read the configuration and take `--config-file`. */
const configured = new Set(["up", "preview", "refresh", "destroy"]);

export class TestStack {
    readonly pulumi: Pulumi;
    readonly stack: LocalStack;
    readonly cwd: string;
    readonly #reopen: (config: StackConfig) => Promise<LocalStack>;

    private constructor(
        pulumi: Pulumi,
        stack: LocalStack,
        cwd: string,
        reopen: (config: StackConfig) => Promise<LocalStack>,
    ) {
        this.pulumi = pulumi;
        this.stack = stack;
        this.cwd = cwd;
        this.#reopen = reopen;
    }

    /** Opens the stack in the directory of the tests; what an earlier test deployed is still in its state. */
    static async open(
        stack: string,
        config: StackConfig,
        { cwd = root, project = "tradestream" }: { readonly cwd?: string; readonly project?: string } = {},
    ): Promise<TestStack> {
        const pulumi = await ensurePulumi(createReport());
        const directory = path.join(stacksHome(), `${project}-${stack}`);
        const reopen = (changed: StackConfig): Promise<LocalStack> =>
            openStack(pulumi, { directory, stack, project, config: changed });
        return new TestStack(pulumi, await reopen(config), cwd, reopen);
    }

    /** Opens the stack of a stack file with the tests' secrets and a change, on the cluster of `$KUBECONFIG`. */
    static of(stack: Stack, change: Change = {}): Promise<TestStack> {
        return TestStack.open(stack, configOf(stack, change));
    }

    /** Replaces the configuration. */
    async configure(config: StackConfig): Promise<void> {
        await this.#reopen(config);
    }

    /** Runs a command to its end, whatever its exit code; both outputs are returned. */
    run(
        args: readonly string[],
        env: Readonly<Record<string, string>> = {},
        onStart?: (pid: number) => void,
    ): Promise<Ended> {
        return runPulumi(this.pulumi, this.arguments(args), {
            cwd: this.cwd,
            env: { ...this.stack.env, ...env },
            output: "pipe",
            ...(onStart && { onStart }),
        });
    }

    /** Runs a command, and throws with all that it printed unless it ends with 0. */
    async ok(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
        const ended = await this.run(args, env);
        if (ended.code !== 0) {
            throw new Error(`pulumi ${args.join(" ")} ended with ${ended.code}\n${ended.stdout}\n${ended.stderr}`);
        }
        return ended;
    }

    /** `up` without a preview and without questions. */
    up(...more: string[]): Promise<Ended> {
        return this.ok(["up", "--yes", "--skip-preview", ...more]);
    }

    /** What a preview would do to each resource that does not stay the same. */
    async changes(env: Readonly<Record<string, string>>, ...more: string[]): Promise<readonly Step[]> {
        const { stdout } = await this.ok(["preview", "--json", ...more], env);
        const { steps } = JSON.parse(stdout) as { readonly steps: readonly Step[] };
        return steps.filter(isChange);
    }

    /** The state with its secrets encrypted. */
    async state(): Promise<Deployment> {
        const { stdout } = await this.ok(["stack", "export"]);
        return (JSON.parse(stdout) as { readonly deployment: Deployment }).deployment;
    }

    /** Arguments with the stack's name and configuration; `--non-interactive` and no colours. */
    arguments(args: readonly string[]): string[] {
        const stack = configured.has(args[0] ?? "") ? stackArguments(this.stack) : ["--stack", this.stack.name];
        return [...args, ...stack, "--non-interactive", "--color=never"];
    }

    /** Removes the state; what it describes stays. Open the stack again before another command. */
    forget(): void {
        rmSync(this.stack.directory, { recursive: true });
    }

    /** The stack as `recover` takes it. */
    command(): StackCommand {
        const { configFile, name, env } = this.stack;
        const flags = ["--config-file", configFile];
        return { file: this.pulumi.file, cwd: this.cwd, env, project: "tradestream", stack: name, flags };
    }
}

export interface Deployment {
    readonly resources?: readonly {
        readonly urn: string;
        readonly type: string;
        readonly id?: string;
        readonly protect?: boolean;
        /** Whether it is the old one of a replacement, still to be deleted. */
        readonly delete?: boolean;
        readonly inputs?: unknown;
        readonly outputs?: unknown;
    }[];
    readonly pending_operations?: readonly unknown[];
}

/** A stack file's configuration with the tests' secrets and a change, its keys with the project. */
export function configOf(stack: Stack, change: Change = {}): StackConfig {
    const entries = Object.entries(configuration(stack, change));
    return Object.fromEntries(entries.map(([key, value]) => [`tradestream:${key}`, value]));
}

/** The directory of all stacks of a run of the tests; the cluster suites' setup makes and removes it. */
export function stacksHome(): string {
    const home = process.env["TRADESTREAM_TEST_STACKS"];
    if (home === undefined) throw new Error("tests/cluster/setup.ts has to be loaded first: mocha --require");
    return home;
}
