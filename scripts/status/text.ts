/** The status for people: colours where the stream is a terminal. */
import { styleText } from "node:util";
import type { Alerts } from "./alerts.ts";
import type { Schedule, Status, Workload } from "./index.ts";

type Format = Parameters<typeof styleText>[0];

/** Lines about all that runs, and at the end about what is not as it should be. */
export function statusLines(status: Status, stream: NodeJS.WritableStream): readonly string[] {
    const paint = (format: Format, text: string): string => styleText(format, text, { stream });
    const { release, deployed, migration, smokeTest, backup, hosts, certificates, problems } = status;
    const section = (title: string, rows: readonly (readonly string[])[]): readonly string[] =>
        rows.length === 0 ? [] : ["", paint("bold", title), ...table(rows)];
    const facts = [
        ...(release
            ? [["Helm release", `${release.chart ?? "chart"}, revision ${release.revision}, ${release.status}`]]
            : []),
        ...(deployed ? [["last good release", `${deployed.commit.slice(0, 10)}, found good ${deployed.time}`]] : []),
        ...(deployed?.unfinished ? [["unfinished", `a deployment of ${deployed.unfinished.slice(0, 10)}`]] : []),
        ...(migration ? [["last migration", `${migration.state} ${migration.finished ?? ""}`]] : []),
        ...(smokeTest ? [["last smoke test", `${smokeTest.state} ${smokeTest.finished ?? ""}`]] : []),
        ...(backup
            ? [
                  [
                      "last backup",
                      backup.lastSuccess === null
                          ? "none yet"
                          : `${backup.lastSuccess}, ${age(backup.ageSeconds!)} ago`,
                  ],
              ]
            : []),
    ];
    return [
        `${paint("bold", "TradeStream")} of the stack ${status.stack} in namespace ${status.namespace}`,
        "",
        ...table([...status.workloads.map(workloadRow), ...status.schedules.map(scheduleRow)]),
        ...section("Versions", [...status.workloads.flatMap(versionRows), ...facts]),
        ...section(
            "Hosts",
            hosts.map(({ host, by, addresses }) => [`https://${host}`, addresses.join(", ") || "no address", by]),
        ),
        ...section(
            "Certificates",
            certificates.map(({ secretName, notAfter, daysLeft, problem }) => [
                secretName,
                notAfter === null ? "none" : `expires ${notAfter}, in ${daysLeft} days`,
                problem ?? "",
            ]),
        ),
        ...section("Alerts", alertRows(status)),
        "",
        ...(problems.length === 0
            ? [paint("green", "Everything is as it should be.")]
            : [paint("red", "Not as it should be:"), ...problems.map((problem) => `  ${problem}`)]),
    ];
}

function workloadRow({ name, ready, wanted, paused, restarts, address }: Workload): readonly string[] {
    const pods = paused ? "paused" : `${ready}/${wanted} pods ready`;
    return [name, pods, address ?? "", restarts > 0 ? `${restarts} restarts` : ""];
}

function scheduleRow({ name, schedule, suspended, running, lastSuccess }: Schedule): readonly string[] {
    const last = lastSuccess === null ? "no success yet" : `last success ${lastSuccess}`;
    return [name, suspended ? "suspended" : running > 0 ? "running" : "waiting", schedule, last];
}

function versionRows({ name, images }: Workload): readonly (readonly string[])[] {
    return images.map(({ image, digests }) => [name, image, digests.map((digest) => digest.slice(0, 19)).join(", ")]);
}

function alertRows({ alerts, alertsUnknown }: Alerts): readonly (readonly string[])[] {
    if (alertsUnknown !== null) return [[alertsUnknown]];
    if (alerts?.length === 0) return [["none fires"]];
    return (alerts ?? []).map(({ name, severity, since, summary, runbook }) => [
        ...[severity ?? "no severity", name, `since ${since}`, summary ?? "", runbook ?? ""],
    ]);
}

/** Seconds in the largest unit of which there are two or more. */
export function age(seconds: number): string {
    const units = [
        ["days", 86_400],
        ["hours", 3600],
        ["minutes", 60],
    ] as const;
    const [name, size] = units.find(([, each]) => seconds >= 2 * each) ?? (["seconds", 1] as const);
    return `${Math.floor(seconds / size)} ${name}`;
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
    const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
    return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(width(column))).join("  ")}`.trimEnd());
}
