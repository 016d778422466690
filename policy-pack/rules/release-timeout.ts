import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const releaseTimeout = objectRule(
    {
        name: "release-timeout",
        title: "A Release says how long it may take",
        severity: "low",
        why: "The default of five minutes is too short for a database and far too long for a typing error.",
        fix: "Set timeout, in seconds, above the time of the slowest pod.",
        link: "https://www.pulumi.com/registry/packages/kubernetes/api-docs/helm/v3/release/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ["Release"],
    },
    function* ({ view }) {
        const place = view.at("timeout");
        const seconds = place.number();
        if (seconds !== UNKNOWN && (seconds ?? 0) <= 0) yield finding(place, "the release has no timeout of its own");
    },
);
