/** Makes network policies take effect on the shared cluster, for as long as a suite wants; see tests/isolation/enforcer. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { kubeconfigPath, status } from "../../../local/cluster/index.ts";
import { nodeName } from "../../../local/cluster/settings.ts";
import { ensurePackages } from "../../../local/debian.ts";
import { createReport } from "../../../local/report.ts";
import { build } from "../../isolation/go.ts";
import { cluster } from "./cluster-name.ts";
import { nodeProcess } from "./node.ts";

const needs = [
    { package: "iptables", file: "iptables" },
    { package: "ipset", file: "ipset" },
] as const;

/** An enforcer that runs. */
export class Enforcer {
    readonly #child: ChildProcess;
    #errors = "";

    private constructor(child: ChildProcess) {
        this.#child = child;
        child.stderr!.setEncoding("utf8").on("data", (text: string) => (this.#errors += text));
    }

    /** Returns when the policies that the cluster has are in force. Builds the enforcer at its first use (a minute). */
    static async start(): Promise<Enforcer> {
        const report = createReport();
        await ensurePackages(needs, report);
        const directory = mkdtempSync(path.join(os.tmpdir(), "tradestream-enforcer-"));
        try {
            const program = path.join(directory, "enforcer");
            await report.step("Building the enforcer of network policies", () => build("enforcer", program));
            const node = ["nsenter", "--target", String(nodeProcess()), "--net", "--mount", "--"];
            const name = nodeName(status(cluster).settings!);
            const options = [`--kubeconfig=${kubeconfigPath(cluster)}`, `--node=${name}`];
            // Asked to end together with this process, however that ends.
            const command = ["--pdeathsig", "SIGTERM", "--", ...node, program, ...options];
            const child = spawn("setpriv", command, { stdio: ["ignore", "pipe", "pipe"] });
            const enforcer = new Enforcer(child);
            await Promise.race([once(child.stdout, "data"), once(child, "close")]);
            enforcer.check();
            return enforcer;
        } finally {
            // A program that runs does not need its file.
            rmSync(directory, { recursive: true, force: true });
        }
    }

    /** Fails with what the enforcer has said when it does not run: then nothing is enforced. */
    check(): void {
        const { exitCode, signalCode } = this.#child;
        if (exitCode !== null || signalCode !== null) {
            throw new Error(`the enforcer has ended (${signalCode ?? exitCode}): ${this.#errors}`);
        }
    }

    /** Ends it; it takes its rules away. Does nothing when it has ended. */
    async stop(): Promise<void> {
        if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
        const closed = once(this.#child, "close");
        this.#child.kill("SIGTERM");
        const [code] = (await closed) as [number | null];
        if (code !== 0) throw new Error(`the enforcer did not end well: ${this.#errors}`);
    }
}
