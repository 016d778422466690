import { finding, objectRule } from "../model/rule.ts";

const SWITCHES = {
    skipAwait: "does not wait for its pods",
    disableOpenapiValidation: "is not validated",
    disableWebhooks: "runs without its hooks",
    forceUpdate: "replaces objects instead of updating them",
};

export const releaseValidation = objectRule(
    {
        name: "release-validation",
        title: "A Release is validated and awaited",
        severity: "medium",
        why: "The update is called a success while nothing runs.",
        fix: "Remove the switch.",
        link: "https://www.pulumi.com/registry/packages/kubernetes/api-docs/helm/v3/release/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ["Release"],
    },
    function* ({ view }) {
        for (const [field, what] of Object.entries(SWITCHES))
            if (view.at(field).boolean() === true) yield finding(view.at(field), `the release ${what}`);
    },
);
