import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const cronjobStartingDeadline = objectRule(
    {
        name: "cronjob-starting-deadline",
        title: "A CronJob gives up runs that it missed",
        severity: "medium",
        why: "Without it, more than 100 missed runs stop a CronJob for good; below 10 seconds it may never start.",
        fix: "Set startingDeadlineSeconds to 10 or more.",
        link: "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#starting-deadline",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ["CronJob"],
    },
    function* ({ view }) {
        const place = view.at("spec", "startingDeadlineSeconds");
        const seconds = place.number();
        if (seconds === UNKNOWN || (seconds !== undefined && seconds >= 10)) return;
        yield finding(
            place,
            seconds === undefined ? "there is no starting deadline" : "the starting deadline is too short",
        );
    },
);
