import { JOB_KINDS, jobSpec } from "../model/jobs.ts";
import { shortestPeriod } from "../model/schedule.ts";
import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const jobDeadline = objectRule(
    {
        name: "job-deadline",
        title: "Each Job has to end, and a CronJob's before the next is due",
        severity: "medium",
        why: "A Job that hangs holds its resources, and with Forbid blocks its schedule, for ever.",
        fix: "Set activeDeadlineSeconds on the Job, below the period of the schedule.",
        link: "https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: JOB_KINDS,
    },
    function* ({ object, view }) {
        const place = jobSpec(object, view).at("activeDeadlineSeconds");
        const seconds = place.number();
        if (seconds === UNKNOWN) return;
        if (seconds === undefined || seconds <= 0) {
            yield finding(place, "the Job has no deadline");
            return;
        }
        const schedule = view.at("spec", "schedule").string();
        const period = object.kind === "CronJob" && typeof schedule === "string" ? shortestPeriod(schedule) : undefined;
        if (period !== undefined && seconds > period && view.at("spec", "concurrencyPolicy").string() === "Forbid")
            yield finding(place, `the Job may run for ${seconds} seconds although the next is due after ${period}`);
    },
);
