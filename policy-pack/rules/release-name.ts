import { finding, objectRule } from "../model/rule.ts";

export const releaseName = objectRule(
    {
        name: "release-name",
        title: "A Release has an explicit name",
        severity: "medium",
        why: "Without one Pulumi adds a random suffix, and every object of the chart is called something new.",
        fix: "Set name.",
        link: "https://www.pulumi.com/registry/packages/kubernetes/api-docs/helm/v3/release/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ["Release"],
    },
    function* ({ object, view }) {
        const place = view.at("name");
        const name = place.string();
        const isMadeUp = typeof name === "string" && isSuffixed(name, object.urn);
        if (place.missing || isMadeUp) yield finding(place, "the release has no name of its own");
    },
);

/** Whether it is the name that the provider makes of the resource's; an engine fills it in before policies are asked. */
function isSuffixed(name: string, urn = ""): boolean {
    const resource = urn.split("::").at(-1)?.toLowerCase() ?? "";
    const [start, rest] = [name.slice(0, resource.length), name.slice(resource.length)];
    return resource !== "" && start.toLowerCase() === resource && /^-[0-9a-f]{7,16}$/.test(rest);
}
