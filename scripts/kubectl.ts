/** kubectl, as the scripts use it. */
import { existsSync } from "node:fs";
import path from "node:path";
import { execa, type ExecaError } from "execa";
import type { Report } from "../local/report.ts";
import { ensureTools } from "../local/tools/index.ts";

/** Which cluster is meant. */
export interface KubeTarget {
    /** Context of the kubeconfig. Default: its current one. */
    readonly context: string | undefined;
    /** Variables that lead to the kubeconfig, added to those of this process. */
    readonly env: Readonly<Record<string, string>>;
}

/** Runs kubectl and returns its standard output; `input` goes to its standard input. */
export type Kubectl = (args: readonly string[], input?: string) => Promise<string>;

/** The kubectl of the PATH, or one that is built. Each call throws with the last line of kubectl's error. */
export async function kubectlFor({ env, context }: KubeTarget, report: Report): Promise<Kubectl> {
    const file = await kubectlProgram(report);
    const flags = context === undefined ? [] : ["--context", context];
    return async (args, input) => {
        checkKubeconfig(env["KUBECONFIG"] ?? process.env["KUBECONFIG"]);
        // Without credentials kubectl would ask for a name, and wait for ever.
        const stdin = input === undefined ? ({ stdin: "ignore" } as const) : { input };
        const options = { env, maxBuffer: 64 * 1024 * 1024, ...stdin };
        try {
            // Before all others: what follows `--` belongs to the command that `exec` runs.
            return (await execa(file, [...flags, ...args], options)).stdout;
        } catch (error) {
            const { stderr = "", shortMessage } = error as ExecaError<{ encoding: "utf8" }>;
            throw new Error(stderr.trim().split("\n").at(-1) || shortMessage, { cause: error });
        }
    };
}

/** kubectl passes over files that do not exist, and without any of them asks localhost. */
function checkKubeconfig(given = ""): void {
    const files = given.split(path.delimiter).filter((file) => file !== "");
    if (files.length > 0 && !files.some((file) => existsSync(file)))
        throw new Error(`KUBECONFIG is ${given}, and no such file exists: set it to the path of a kubeconfig`);
}

/** `kubectl`, or the path of one that is built where the PATH has none. */
export async function kubectlProgram(report: Report): Promise<string> {
    const { failed } = await execa("kubectl", ["version", "--client"], { reject: false });
    return failed ? (await ensureTools(["kubectl"], report)).kubectl : "kubectl";
}
