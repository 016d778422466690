/**
 * What a run of the benchmark has found, as `docs/benchmarks.md`: its tables, and whether the aims were met. A run writes
 * the sections of the parts that it ran anew and leaves the others.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { measuredCommit } from "../support/commit.ts";
import { root } from "./measure.ts";

/** A table: the first column is text, the others are numbers. */
export interface Table {
    readonly head: readonly string[];
    readonly rows: readonly (readonly string[])[];
}

/** Something that a part aims at, and how it came out. */
export interface Aim {
    /** What is looked at, and its bound, in words. */
    readonly what: string;
    readonly bound: string;
    readonly measured: string;
    readonly isMet: boolean;
}

/** All that one part has found. */
export interface Section {
    readonly title: string;
    readonly about: string;
    readonly tables: readonly Table[];
    readonly aims: readonly Aim[];
}

const file = path.join(root, "docs/benchmarks.md");
const preface = `# Benchmarks

Written by \`make bench\` itself. Everything runs against a cluster with one simulated node, started for it. What is compared
runs in turns, and medians are shown. CPU seconds count a program and all that it starts, but neither the API server nor
other load on the machine.`;

/** Prints a section, and puts it into the page. */
export function publish({ title, about, tables, aims }: Section, now: Date): void {
    const results: Table = {
        head: ["aim", "bound", "measured", "met"],
        rows: aims.map(({ what, bound, measured, isMet }) => [what, bound, measured, isMet ? "yes" : "**no**"]),
    };
    const all = aims.length > 0 ? [...tables, results] : tables;
    process.stdout.write(all.map((table) => `${asText(table)}\n\n`).join(""));
    const text = [`## ${title}`, about, circumstances(now), ...all.map(asMarkdown)].join("\n\n");
    const previous = existsSync(file) ? readFileSync(file, "utf8") : "";
    writeFileSync(file, pageOf(previous, title, text));
}

/** The page with one section replaced, or added at its end. */
export function pageOf(previous: string, title: string, text: string): string {
    const old = previous.split(/^(?=## )/m).slice(1);
    const sections = new Map(old.map((section) => [/^## (.*)$/m.exec(section)![1]!, section.trimEnd()]));
    sections.set(title, text);
    return `${[preface, ...sections.values()].join("\n\n")}\n`;
}

function asText({ head, rows }: Table): string {
    const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]!.length)));
    const line = (cells: readonly string[]): string =>
        cells
            .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
            .join("  ");
    return [head, widths.map((width) => "-".repeat(width)), ...rows].map(line).join("\n");
}

function asMarkdown({ head, rows }: Table): string {
    const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
    return [
        line(head),
        `|${head.map((_, column) => (column === 0 ? "---" : "---:")).join("|")}|`,
        ...rows.map(line),
    ].join("\n");
}

/** When, on what, and with which versions, in one sentence. */
function circumstances(now: Date): string {
    const commit = measuredCommit(root);
    const { dependencies } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
        dependencies: Readonly<Record<string, string>>;
    };
    const versions = [
        `Kubernetes ${moduleVersion("kubernetes", "k8s.io/kubernetes")}`,
        `Helm ${moduleVersion("kubernetes", "helm.sh/helm/v4")}`,
        `Node.js ${process.versions.node}`,
        `@pulumi/pulumi ${dependencies["@pulumi/pulumi"]}`,
    ];
    const load = os.loadavg()[0]!.toFixed(1);
    return (
        `${now.toISOString().slice(0, 10)}, commit ${commit}; ${versions.join(", ")}; ` +
        `${os.availableParallelism()} cores, load average ${load} at the end.`
    );
}

function moduleVersion(tool: string, module: string): string {
    const manifest = readFileSync(path.join(root, `local/tools/modules/${tool}/go.mod`), "utf8");
    return new RegExp(`${module} (v\\S+)`).exec(manifest)?.[1] ?? "unknown";
}
