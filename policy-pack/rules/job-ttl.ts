import { JOB_KINDS, jobSpec } from "../model/jobs.ts";
import { finding, objectRule } from "../model/rule.ts";

export const jobTtl = objectRule(
    {
        name: "job-ttl",
        title: "Finished Jobs are cleared away by whoever made them",
        severity: "low",
        why: "A finished Job stays for ever; but one of a CronJob is cleared by its history limits, and a time to live cuts those short.",
        fix: "Set ttlSecondsAfterFinished on a Job that nothing else deletes, and leave it out of a CronJob.",
        link: "https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/",
        // Off by default: a Job that removes itself is a difference that Pulumi makes good by running it again.
        levels: ["disabled", "disabled", "advisory"],
        kinds: JOB_KINDS,
    },
    function* ({ object, view }) {
        const place = jobSpec(object, view).at("ttlSecondsAfterFinished");
        if (object.kind === "Job" && place.missing) yield finding(place, "the Job is never cleared away");
        if (object.kind === "CronJob" && place.present) yield finding(place, "this cuts the history limits short");
    },
);
