import { JOB_KINDS, jobSpec } from "../model/jobs.ts";
import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const jobBackoff = objectRule(
    {
        name: "job-backoff",
        title: "Each Job says how often it tries again",
        severity: "low",
        why: "The default of six retries, with growing pauses, hides a broken Job for half an hour.",
        fix: "Set backoffLimit, to 6 or less.",
        link: "https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: JOB_KINDS,
    },
    function* ({ object, view }) {
        const spec = jobSpec(object, view);
        // With a limit for each index, that of the whole Job is not needed.
        const perIndex = spec.at("backoffLimitPerIndex");
        const place = perIndex.missing ? spec.at("backoffLimit") : perIndex;
        const limit = place.number();
        if (limit === UNKNOWN || (limit !== undefined && limit >= 0 && limit <= 6)) return;
        yield finding(
            place,
            limit === undefined ? "the Job leaves its retries to the default" : "the Job tries too often",
        );
    },
);
