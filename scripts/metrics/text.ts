/** The metrics as a table. */
import { age, table } from "../status/text.ts";
import type { Metrics } from "./index.ts";

export function metricsText(metrics: Metrics): string {
    const { stack, from, to, deploymentFrequency, leadTime, changeFailureRate, timeToRestore } = metrics;
    const { drills, unknownCommits } = metrics;
    const { perWeek, deployments } = deploymentFrequency;
    const { ratio, failed, changes } = changeFailureRate;
    const { restored, open } = timeToRestore;
    const days = [from, to].map((date) => date.toISOString().slice(0, 10));
    return [
        `Delivery of the stack ${stack}, ${days.join(" to ")}`,
        "",
        ...table([
            ["deployment frequency", `${perWeek.toFixed(1)} a week`, count(deployments, "deployment")],
            [
                "lead time for changes",
                duration(leadTime.medianSeconds),
                `median of ${count(leadTime.commits, "commit")}`,
            ],
            [
                "change failure rate",
                ratio === null ? "-" : `${Math.round(ratio * 100)} %`,
                `${failed} of ${count(changes, "change")}`,
            ],
            [
                "time to restore",
                duration(timeToRestore.medianSeconds),
                `median of ${count(restored, "failure")}${open > 0 ? `; ${open} not restored yet` : ""}`,
            ],
            ["drills", `${drills.met} of ${drills.drills}`, "recovered within the target"],
        ]),
        ...(unknownCommits > 0
            ? [
                  "",
                  `Lead time leaves out ${count(unknownCommits, "deployment")} whose commits this clone lacks (\`git fetch --unshallow\`).`,
              ]
            : []),
    ].join("\n");
}

function duration(seconds: number | null): string {
    return seconds === null ? "-" : age(seconds);
}

function count(number: number, what: string): string {
    return `${number} ${what}${number === 1 ? "" : "s"}`;
}
