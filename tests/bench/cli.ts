/** Stacks that the benchmarks measure with the CLI, each with a backend of its own. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { ensurePulumi } from "../../local/pulumi/index.ts";
import { openStack, stackArguments } from "../../local/pulumi/stack.ts";
import { createReport } from "../../local/report.ts";
import { measure, type Measured } from "./measure.ts";

export interface BenchStack {
    /** Runs a command of the CLI, with configuration instead of or beside the stack's, and measures it. */
    run(args: readonly string[], config?: Readonly<Record<string, unknown>>): Promise<Measured>;
}

export interface BenchOptions {
    /** Directory of the program. */
    readonly cwd: string;
    readonly project: string;
    readonly stack: string;
    /** The stack file. Default: none. */
    readonly file?: string;
    /** By key with project. */
    readonly config?: Readonly<Record<string, unknown>>;
    readonly env: Readonly<Record<string, string>>;
}

/** Opens a stack below `scratch`. */
export async function benchStack(scratch: string, options: BenchOptions): Promise<BenchStack> {
    const { cwd, project, stack, file, env } = options;
    const pulumi = await ensurePulumi(createReport());
    // The provider leaves the kubeconfig that it gives to Helm among the temporary files.
    const temporary = path.join(scratch, "tmp");
    mkdirSync(temporary, { recursive: true });
    const open = (config: Readonly<Record<string, unknown>>) =>
        openStack(pulumi, {
            directory: path.join(scratch, `${project}-${stack}`),
            ...{ stack, project, config },
            ...(file !== undefined && { file }),
        });
    return {
        async run(args, config = {}) {
            const opened = await open({ ...options.config, ...config });
            const flags = [...stackArguments(opened), "--non-interactive"];
            return measure(pulumi.file, [...args, ...flags], {
                cwd,
                env: { ...opened.env, ...env, TMPDIR: temporary },
            });
        },
    };
}
