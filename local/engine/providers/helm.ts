/** Runs the helm binary for one cluster. Values go through standard input, so that no secret is in an argument or a file. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createReport } from "../../report.ts";
import { ensureTools } from "../../tools/index.ts";
import { EngineError, InterruptedError } from "../errors.ts";
import type { ClusterAccess } from "../kube/config.ts";
import { without } from "../values.ts";

/** How long helm may take to end when the run is interrupted. Milliseconds. */
const graceTime = 20_000;

export interface HelmRun {
    readonly args: readonly string[];
    /** What it reads from standard input. */
    readonly input?: string;
    /** The cluster; without one helm must not need any. */
    readonly access?: ClusterAccess;
    /** Directory that relative chart paths start from. */
    readonly directory: string;
    readonly signal?: AbortSignal;
}

/** Runs helm and resolves with what it prints. Throws an {@link EngineError} with helm's own words when it fails. */
export async function runHelm(run: HelmRun): Promise<string> {
    const { helm } = await ensureTools(["helm"], createReport());
    const kubeconfig =
        run.access === undefined ? { variable: os.devNull, remove: () => undefined } : kubeconfigFor(run.access);
    const context = run.access === undefined ? [] : ["--kube-context", run.access.contextName];
    const [command, ...prefix] = [...dieWithParent(), helm];
    try {
        const { code, output, errors } = await collect(
            command ?? helm,
            [...prefix, ...run.args, ...context],
            run,
            kubeconfig.variable,
        );
        if (run.signal?.aborted === true) throw new InterruptedError();
        if (code !== 0)
            throw new EngineError(
                errors.replaceAll(/^(level=WARN|WARNING:).*\n?/gm, "").trim() || `helm ended with exit code ${code}`,
            );
        return output;
    } finally {
        kubeconfig.remove();
    }
}

async function collect(
    command: string,
    args: readonly string[],
    run: HelmRun,
    kubeconfig: string,
): Promise<{ code: number | null; output: string; errors: string }> {
    if (run.signal?.aborted === true) throw new InterruptedError();
    const environment = without(process.env, ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"]);
    const child = spawn(command, args, {
        cwd: run.directory,
        env: { ...environment, KUBECONFIG: kubeconfig },
        stdio: ["pipe", "pipe", "pipe"],
        detached: true, // an interrupt on the terminal is for the engine, which ends helm in good order
    });
    let output = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (errors += chunk));
    child.stdin.on("error", () => undefined); // helm may end without having read its input
    child.stdin.end(run.input ?? "");
    const stop = (): void => {
        child.kill("SIGTERM");
        setTimeout(() => child.kill("SIGKILL"), graceTime).unref();
    };
    run.signal?.addEventListener("abort", stop, { once: true });
    try {
        const code = await new Promise<number | null>((resolve, reject) => {
            child.on("error", reject);
            child.on("close", resolve);
        });
        return { code, output, errors };
    } finally {
        run.signal?.removeEventListener("abort", stop);
    }
}

/** Has the kernel end helm when the engine is killed, where util-linux offers that. */
function dieWithParent(): readonly string[] {
    const setpriv = "/usr/bin/setpriv";
    return process.platform === "linux" && fs.existsSync(setpriv) ? [setpriv, "--pdeathsig", "TERM", "--"] : [];
}

/** The value of KUBECONFIG; contents that came without a file are put into one that only we can read, for this run. */
function kubeconfigFor(access: ClusterAccess): { variable: string; remove: () => void } {
    if ("files" in access.source)
        return { variable: access.source.files.join(path.delimiter), remove: () => undefined };
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "tradestream-helm-"));
    const file = path.join(directory, "kubeconfig");
    fs.writeFileSync(file, access.source.text, { mode: 0o600 });
    return { variable: file, remove: () => fs.rmSync(directory, { recursive: true, force: true }) };
}
