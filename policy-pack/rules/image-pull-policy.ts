import { imagesOf, parseImage } from "../model/images.ts";
import { CONTAINER_KINDS } from "../model/object.ts";
import { finding, podRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const imagePullPolicy = podRule(
    {
        name: "image-pull-policy",
        title: "Images are pulled, and moving tags always are",
        severity: "medium",
        why: "Never runs whatever the node happens to hold; IfNotPresent does so for a tag that moves.",
        fix: "Use IfNotPresent with a version tag or digest, or Always.",
        link: "https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: CONTAINER_KINDS,
    },
    function* (pod) {
        for (const { place, policy, user } of imagesOf(pod)) {
            const when = policy.string();
            if (when === "Never") yield finding(policy, `${user} never pulls its image`);
            if (when !== "IfNotPresent") continue;
            const image = place.string();
            const parts = image === UNKNOWN || image === undefined ? undefined : parseImage(image);
            if (parts !== undefined && parts.digest === undefined && (parts.tag ?? "latest") === "latest")
                yield finding(policy, `${user} keeps whatever image of a moving tag the node holds`);
        }
    },
);
