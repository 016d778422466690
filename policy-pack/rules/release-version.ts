import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const releaseVersion = objectRule(
    {
        name: "release-version",
        title: "A chart from elsewhere has a version",
        severity: "high",
        why: "Without one, the next update brings whatever the repository then calls the newest.",
        fix: "Set version to one exact version.",
        link: "https://www.pulumi.com/registry/packages/kubernetes/api-docs/helm/v3/release/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: ["Release"],
    },
    function* ({ view }) {
        const place = view.at("version");
        const [chart, version] = [view.at("chart").string(), place.string()];
        const fetched = typeof chart === "string" && /^(oci|https?):\/\//.test(chart);
        if (version === UNKNOWN || (!fetched && view.at("repositoryOpts", "repo").missing)) return;
        // An address of an archive names its version itself.
        if (typeof chart === "string" && chart.endsWith(".tgz")) return;
        if (typeof version !== "string" || !/^v?\d+\.\d+\.\d+([-+][\w.+-]+)?$/.test(version))
            yield finding(place, "the chart is not pinned to one version");
    },
);
