import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const releaseAtomic = objectRule(
    {
        name: "release-atomic",
        title: "A Release that fails is rolled back",
        severity: "medium",
        why: "A failed first install keeps the name, so that the next one fails too.",
        fix: "Set atomic: true.",
        link: "https://www.pulumi.com/registry/packages/kubernetes/api-docs/helm/v3/release/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ["Release"],
    },
    function* ({ view }) {
        const place = view.at("atomic");
        const atomic = place.boolean();
        if (atomic !== UNKNOWN && atomic !== true) yield finding(place, "a failed release stays half done");
    },
);
