import { LONG_RUNNING_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { finding, podRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const gracePeriod = podRule(
    {
        name: "grace-period",
        title: "Pods have time to stop",
        severity: "medium",
        why: "Without it every update cuts off requests, and a database loses what it had not written.",
        fix: "Set terminationGracePeriodSeconds above the time that preStop waits.",
        link: "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: LONG_RUNNING_KINDS,
    },
    function* (pod) {
        const place = pod.spec.at("terminationGracePeriodSeconds");
        const grace = place.number() ?? 30;
        if (grace === UNKNOWN) return;
        if (grace <= 0) yield finding(place, "the pod is killed at once");
        for (const container of pod.containers) {
            const sleep = container.view.at("lifecycle", "preStop", "sleep", "seconds");
            const seconds = sleep.number();
            if (typeof seconds === "number" && grace > 0 && seconds >= grace)
                yield finding(sleep, `preStop of ${called(container)} waits as long as the whole grace period`);
        }
    },
);
