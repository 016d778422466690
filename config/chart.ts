/** Source of the chart, and a hash of its content. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { set } from "./errors/commands.ts";
import type { ConfigError } from "./errors/index.ts";
import type { Settings } from "./schema.ts";
import { isObject, valueAt } from "./values.ts";

/** A chart in a directory, a repository, or an OCI registry. */
export interface ChartSource {
    /** Path, name in the repository, or OCI reference: what `helm install` takes. */
    readonly chart: string;
    /** Whether it is the chart of this repository. */
    readonly embedded: boolean;
    /** Exact version; absent for a directory. */
    readonly version?: string;
    /** URL of the repository, where the chart is in one. */
    readonly repository?: string;
    /** SHA-256 (hex) over the files of a directory, so that edits are noticed (pulumi-kubernetes#2118). */
    readonly contentHash?: string;
}

const embeddedChart = "charts/tradestream";

/** The directory of the chart; `undefined` where it comes from a repository or a registry. */
export function chartDirectory(chart: Settings["chart"]): string | undefined {
    return chart.repository === undefined && chart.oci === undefined ? (chart.path ?? embeddedChart) : undefined;
}

/** Whether a directory has the chart of this repository. */
export function isEmbedded(directory: string): boolean {
    return path.resolve(directory) === path.resolve(embeddedChart);
}

/** Whether the chart is that of this repository. */
export function isEmbeddedChart(chart: Settings["chart"]): boolean {
    const directory = chartDirectory(chart);
    return directory !== undefined && isEmbedded(directory);
}

/** The source that a valid configuration names; the embedded chart where it names none. */
export function chartSource({
    repository,
    name,
    oci,
    version,
    path: directory = embeddedChart,
}: Settings["chart"]): ChartSource {
    if (repository !== undefined && name !== undefined && version !== undefined) {
        return { chart: name, embedded: false, version, repository };
    }
    if (oci !== undefined && version !== undefined) {
        return { chart: oci, embedded: false, version };
    }
    return {
        // A relative path keeps the state the same on every machine (pulumi-kubernetes#2251).
        chart: path.isAbsolute(directory) ? directory : `./${path.normalize(directory)}`,
        embedded: isEmbedded(directory),
        contentHash: contentHash(directory),
    };
}

/** Where the values of the embedded chart have its volumes, by StatefulSet. */
const volumes = { postgresql: ["postgresql", "primary"], "redis-master": ["redis", "master"] } as const;

/** Sizes that a stack gives to volumes of the embedded chart, by StatefulSet; only to those with a claim of the chart's. */
export function volumeSizes(chart: Settings["chart"]): Readonly<Record<string, string>> {
    const directory = chartDirectory(chart);
    if (directory === undefined || !isEmbedded(directory)) return {};
    return Object.fromEntries(
        Object.entries(volumes).flatMap(([statefulSet, path]) => {
            const persistence = valueAt(chart.values, [...path, "persistence"]);
            if (!isObject(persistence) || persistence["enabled"] === false) return [];
            const { size, existingClaim = "" } = persistence;
            return typeof size === "string" && existingClaim === "" ? [[statefulSet, size]] : [];
        }),
    );
}

/** The Secrets that the published chart expects before it is installed. */
const publishedChartSecrets: Readonly<Record<string, readonly string[]>> = {
    coinmarketcap: ["apiKey"],
    "influxdb-admin-secret": ["admin-token", "admin-password"],
};
const kafkaSslSecret = { "kafka-ssl-passwords": ["truststore-password", "keystore-password", "key-password"] };

/** The Secrets that a chart expects, with their keys, as far as the program knows it. */
export function chartSecretKeys(chart: Settings["chart"]): Readonly<Record<string, readonly string[]>> {
    if (chart.name !== "tradestream" && !/\/tradestream$/.test(chart.oci ?? "")) return {};
    const withTls = valueAt(chart.values, ["kafkaSsl", "enabled"]) === true;
    return { ...publishedChartSecrets, ...(withTls && kafkaSslSecret) };
}

/** Those that exist already, with the keys that are known. */
export function existingSecrets(chart: Settings["chart"]): Readonly<Record<string, readonly string[]>> {
    const known = new Map(Object.entries(chartSecretKeys(chart)));
    return Object.fromEntries(chart.existingSecrets.map((name) => [name, known.get(name) ?? []]));
}

/** What is wrong with the chart's directory, where the chart is in one. */
export function chartDirectoryError(chart: Settings["chart"]): ConfigError | undefined {
    const directory = chartDirectory(chart);
    if (directory === undefined) {
        return undefined;
    }
    const description = path.join(directory, "Chart.yaml");
    if (!existsSync(description)) {
        const problem = `is ${directory}, which has no Chart.yaml`;
        return { key: "chart.path", problem, fix: set("chart.path", embeddedChart) };
    }
    const hasDependencies = /^dependencies:/m.test(readFileSync(description, "utf8"));
    return hasDependencies && !existsSync(path.join(directory, "charts"))
        ? {
              key: "chart.path",
              problem: `is ${directory}, whose dependencies are not there yet`,
              fix: `helm dependency build ${directory}`,
          }
        : undefined;
}

function contentHash(directory: string): string {
    const files = readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name))
        .sort();
    const hash = createHash("sha256");
    for (const file of files) {
        const content = readFileSync(file);
        hash.update(`${path.relative(directory, file)}\0${content.length}\0`).update(content);
    }
    return hash.digest("hex");
}
