import { LABELLED_KINDS } from "../model/labelled.ts";
import { finding, objectRule } from "../model/rule.ts";

export const labels = objectRule(
    {
        name: "labels",
        title: "Workloads and Services carry the agreed labels",
        severity: "low",
        why: "Without them nobody finds what belongs together: dashboards, cost reports, kubectl.",
        fix: "Set the labels of the parameter requiredLabels.",
        link: "https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/",
        levels: ["disabled", "advisory", "mandatory"],
        kinds: LABELLED_KINDS,
    },
    function* ({ view }, { requiredLabels }) {
        const present = view.at("metadata", "labels");
        if (present.unknown) return;
        for (const name of requiredLabels)
            if (present.at(name).missing) yield finding(present.at(name), "this label is missing");
    },
);
