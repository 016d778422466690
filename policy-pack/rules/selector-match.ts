import { podLabels, podOf } from "../model/pods.ts";
import { finding, objectRule } from "../model/rule.ts";
import { equalitySelector, labelSelector, selects } from "../model/selectors.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const selectorMatch = objectRule(
    {
        name: "selector-match",
        title: "A workload selects its own pods",
        severity: "high",
        why: "The API server refuses the workload, or it makes pods without end.",
        fix: "Let spec.selector be a part of the template's labels.",
        link: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"],
    },
    function* ({ object, view }) {
        const place = view.at("spec", "selector");
        const pod = podOf(object, view);
        const labels = pod === undefined ? undefined : podLabels(pod);
        const plain = object.kind === "ReplicationController";
        const selector = plain ? equalitySelector(place) : labelSelector(place);
        if (selector === UNKNOWN || labels === UNKNOWN || labels === undefined) return;
        if (selector === undefined || selector.requirements.length === 0) {
            if (!plain) yield finding(place, "the workload has no selector");
        } else if (selects(selector, labels) === false)
            yield finding(place, "the workload does not select its own pods");
    },
);
