import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const releaseNamespace = objectRule(
    {
        name: "release-namespace",
        title: "A Release names a namespace that the program makes",
        severity: "medium",
        why: "Helm makes a namespace without labels or policies, and never deletes it.",
        fix: "Make the Namespace in the program, name it in namespace, and leave createNamespace out.",
        link: "https://www.pulumi.com/registry/packages/kubernetes/api-docs/helm/v3/release/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ["Release"],
    },
    function* ({ view }) {
        const place = view.at("namespace");
        const name = place.string();
        if (name !== UNKNOWN && ["", "default"].includes(name ?? ""))
            yield finding(place, "the release lands in default");
        const made = view.at("createNamespace");
        if (made.boolean() === true) yield finding(made, "helm makes the namespace");
    },
);
