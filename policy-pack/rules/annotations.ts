import { LABELLED_KINDS } from "../model/labelled.ts";
import { finding, objectRule } from "../model/rule.ts";

export const annotations = objectRule(
    {
        name: "annotations",
        title: "Workloads and Services carry the agreed annotations",
        severity: "low",
        why: "Annotations such as an owner's address are how people find out whom to call.",
        fix: "Set the annotations of the parameter requiredAnnotations.",
        link: "https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/",
        levels: ["disabled", "advisory", "mandatory"],
        kinds: LABELLED_KINDS,
    },
    function* ({ view }, { requiredAnnotations }) {
        const present = view.at("metadata", "annotations");
        if (requiredAnnotations.length === 0 || present.unknown) return;
        for (const name of requiredAnnotations)
            if (present.at(name).missing) yield finding(present.at(name), "this annotation is missing");
    },
);
