import { finding, objectRule } from "../model/rule.ts";
import { isSecret } from "../model/secrets.ts";
import { isTree, type View } from "../model/view.ts";

export const secretInReleaseValues = objectRule(
    {
        name: "secret-in-release-values",
        title: "Secrets among a Release's values are marked as such",
        severity: "high",
        why: "Values that are not marked are in plain text in the state and in every preview.",
        fix: "Wrap the value in pulumi.secret, or let the chart take a Secret that exists.",
        link: "https://www.pulumi.com/docs/iac/concepts/secrets/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ["Release"],
    },
    function* ({ object, view }) {
        const { secretPaths } = object;
        if (secretPaths === undefined) return;
        for (const [name, place] of leaves(view.at("values"), "")) {
            const value = place.string();
            const marked = secretPaths.some((path) => place.path === path || place.path.startsWith(`${path}.`));
            if (!marked && typeof value === "string" && isSecret(name, value))
                yield finding(place, "this value is a secret that is not marked as one");
        }
    },
);

function* leaves(view: View, name: string): Iterable<readonly [string, View]> {
    if (Array.isArray(view.raw)) for (const item of view.items()) yield* leaves(item, name);
    else if (isTree(view.raw)) for (const [key, below] of view.entries()) yield* leaves(below, key);
    else if (typeof view.raw === "string") yield [name, view];
}
