/**
 * What the tests have measured. Suites record figures; the runner writes them to `docs/evidence.md` when it is asked to
 * (`make evidence`). A run writes the sections of the suites that took part in it anew and leaves the others.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { measuredCommit } from "./support/commit.ts";

/** Something measured, beside what is required of it. */
export interface Figure {
    /** Heading under which it stands. */
    readonly suite: string;
    readonly name: string;
    readonly value: number | string;
    /** Default: none. */
    readonly unit?: string;
    /** The bound, in words: "0", "at most 120 s". Default: none, only reported. */
    readonly requirement?: string;
}

const root = path.resolve(import.meta.dirname, "..");
const page = path.join(root, "docs/evidence.md");
const title = "# Evidence";
const preface =
    "Written by the tests themselves (`make evidence`), from the cluster of one node that they start. Each section says " +
    "when and with what it was measured. Pods have production's probes, which are the defaults. Requests of HTTPS and " +
    "Gateway API go through Traefik, by Ingresses or by routes; those of the other sections go straight to the Services, " +
    "where no proxy tries anything twice.";

/** Keeps a figure in the file that $EVIDENCE_FILE names; without it, nobody wants to know. */
export function record(figure: Figure): void {
    const file = process.env["EVIDENCE_FILE"];
    if (file !== undefined) appendFileSync(file, `${JSON.stringify(figure)}\n`);
}

/** Writes the page from the figures in a file. Without any figure it stays as it is. */
export function writeEvidence(file: string, now: Date): void {
    if (!existsSync(file)) return;
    const figures = readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Figure);
    writeFileSync(page, pageOf(existsSync(page) ? readFileSync(page, "utf8") : "", figures, circumstances(now)));
}

/** The page with the sections of these figures replaced. */
export function pageOf(previous: string, figures: readonly Figure[], measured: string): string {
    const old = previous.split(/^(?=## )/m).slice(1);
    const sections = new Map(old.map((text) => [/^## (.*)$/m.exec(text)![1]!, text.trimEnd()]));
    for (const [suite, own] of Map.groupBy(figures, ({ suite }) => suite)) {
        const rows = own.map(({ name, value, unit, requirement }) =>
            row([name, `${value}${unit === undefined ? "" : ` ${unit}`}`, requirement ?? ""]),
        );
        const table = [row(["What", "Measured", "Required"]), "|---|---|---|", ...rows].join("\n");
        sections.set(suite, `## ${suite}\n\n${measured}\n\n${table}`);
    }
    const sorted = [...sections].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
    return `${[title, preface, ...sorted].join("\n\n")}\n`;
}

function row(cells: readonly string[]): string {
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** Date, machine and versions, in one sentence. */
function circumstances(now: Date): string {
    const commit = measuredCommit(root);
    const kubernetes = /k8s\.io\/kubernetes (v\S+)/.exec(
        readFileSync(path.join(root, "local/tools/modules/kubernetes/go.mod"), "utf8"),
    );
    const sdk = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
        dependencies: Record<string, string>;
    };
    const cores = os.availableParallelism();
    const form = process.env["SOAK"] === undefined ? "short form" : "long form (`make soak`)";
    return (
        `${now.toISOString().slice(0, 10)}, commit ${commit}, ${form}; Kubernetes ${kubernetes?.[1] ?? "unknown"}, ` +
        `Node ${process.versions.node}, @pulumi/pulumi ${sdk.dependencies["@pulumi/pulumi"]}; ${cores} cores, ` +
        `load average ${os.loadavg()[0]!.toFixed(1)} at the end.`
    );
}
