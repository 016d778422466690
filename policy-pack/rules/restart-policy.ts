import { podOf } from "../model/pods.ts";
import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

const OF_JOBS = ["OnFailure", "Never"];

export const restartPolicy = objectRule(
    {
        name: "restart-policy",
        title: "Pods restart as their controller needs it",
        severity: "high",
        why: "The API server refuses a Job whose pods always restart, and a Deployment whose pods do not.",
        fix: "Use OnFailure or Never for Jobs; leave it out elsewhere.",
        link: "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: ["Job", "CronJob", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"],
    },
    function* ({ object, view }) {
        const place = podOf(object, view)?.spec.at("restartPolicy");
        const policy = place?.string();
        if (place === undefined || policy === UNKNOWN) return;
        const job = object.kind === "Job" || object.kind === "CronJob";
        if (job && !OF_JOBS.includes(policy ?? "")) yield finding(place, "pods of a Job need OnFailure or Never");
        if (!job && (policy ?? "Always") !== "Always")
            yield finding(place, "pods of this kind can only restart Always");
    },
);
