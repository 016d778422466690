import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const cronjobHistory = objectRule(
    {
        name: "cronjob-history",
        title: "A CronJob keeps some of its finished Jobs, and not too many",
        severity: "low",
        why: "With none left nobody sees why the last run failed; with too many, etcd and every list fill up.",
        fix: "Set successfulJobsHistoryLimit and failedJobsHistoryLimit between 1 and the parameter maximumJobHistory.",
        link: "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#jobs-history-limits",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ["CronJob"],
    },
    function* ({ view }, { maximumJobHistory }) {
        for (const field of ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"]) {
            const place = view.at("spec", field);
            const limit = place.number();
            if (limit === UNKNOWN) continue;
            if (limit === undefined) yield finding(place, "there is no limit");
            else if (limit < 1 || limit > maximumJobHistory)
                yield finding(place, `the limit is not between 1 and ${maximumJobHistory}`);
        }
    },
);
