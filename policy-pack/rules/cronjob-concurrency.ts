import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const cronjobConcurrency = objectRule(
    {
        name: "cronjob-concurrency",
        title: "Runs of a CronJob do not pile up",
        severity: "medium",
        why: "By default a run starts while the last one still hangs, until the node or the database is full.",
        fix: "Set concurrencyPolicy: Forbid, or Replace.",
        link: "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ["CronJob"],
    },
    function* ({ view }) {
        const place = view.at("spec", "concurrencyPolicy");
        const policy = place.string();
        if (policy !== UNKNOWN && policy !== "Forbid" && policy !== "Replace")
            yield finding(place, "runs of this CronJob may overlap");
    },
);
