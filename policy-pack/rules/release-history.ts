import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const releaseHistory = objectRule(
    {
        name: "release-history",
        title: "A Release keeps a bounded history",
        severity: "low",
        why: "Each revision is a Secret with the whole manifest; without a bound they pile up for ever.",
        fix: "Set maxHistory to a number such as 10.",
        link: "https://www.pulumi.com/registry/packages/kubernetes/api-docs/helm/v3/release/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ["Release"],
    },
    function* ({ view }) {
        const place = view.at("maxHistory");
        const revisions = place.number();
        if (revisions !== UNKNOWN && (revisions ?? 0) <= 0) yield finding(place, "the history has no bound");
    },
);
