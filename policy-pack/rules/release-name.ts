import { fault, objectRule } from "../model/rule.ts";

export const releaseName = objectRule(
    {
        name: "release-name",
        title: "A Release has an explicit name",
        severity: "medium",
        why: "Without one Pulumi adds a random suffix, and every object of the chart is called something new.",
        mend: "Set name.",
        link: "https://www.pulumi.com/registry/packages/kubernetes/api-docs/helm/v3/release/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ["Release"],
    },
    function* ({ view }) {
        const place = view.at("name");
        if (place.missing) yield fault(place, "the release has no name of its own");
    },
);
