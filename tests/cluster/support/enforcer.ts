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
import { cluster, nodeProcess } from "./node.ts";

const needs = [
    { package: "iptables", file: "iptables" },
    { package: "ipset", file: "ipset" },
] as const;

/** An enforcer that runs. */
export class Enforcer {
    readonly #child: ChildProcess;
    readonly #directory: string;
    #errors = "";

    private constructor(child: ChildProcess, directory: string) {
        this.#child = child;
        this.#directory = directory;
        child.stderr!.setEncoding("utf8").on("data", (text: string) => (this.#errors += text));
    }

    /** Returns when the policies that the cluster has are in force. Builds the enforcer at its first use (a minute). */
    static async start(): Promise<Enforcer> {
        const report = createReport();
        await ensurePackages(needs, report);
        const directory = mkdtempSync(path.join(os.tmpdir(), "tradestream-enforcer-"));
        const program = path.join(directory, "enforcer");
        await report.step("Building the enforcer of network policies", () => build("enforcer", program));
        const { settings } = status(cluster);
        const node = ["nsenter", "--target", String(nodeProcess()), "--net", "--mount", "--"];
        const options = [`--kubeconfig=${kubeconfigPath(cluster)}`, `--node=${nodeName(settings!)}`];
        // Asked to end together with this process, however that ends.
        const command = ["--pdeathsig", "SIGTERM", "--", ...node, program, ...options];
        const enforcer = new Enforcer(spawn("setpriv", command, { stdio: ["ignore", "pipe", "pipe"] }), directory);
        await Promise.race([once(enforcer.#child.stdout!, "data"), once(enforcer.#child, "close")]);
        enforcer.check();
        return enforcer;
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
        rmSync(this.#directory, { recursive: true, force: true });
        if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
        const closed = once(this.#child, "close");
        this.#child.kill("SIGTERM");
        const [code] = (await closed) as [number | null];
        if (code !== 0) throw new Error(`the enforcer did not end well: ${this.#errors}`);
    }
}
