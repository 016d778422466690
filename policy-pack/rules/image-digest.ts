import { imagesOf, parseImage } from "../model/images.ts";
import { CONTAINER_KINDS } from "../model/object.ts";
import { finding, podRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const imageDigest = podRule(
    {
        name: "image-digest",
        title: "Each image is pinned by its digest",
        severity: "low",
        why: "A tag can be moved to other content by whoever may push to the registry.",
        fix: "Add @sha256:… of the image that was tested.",
        link: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
        levels: ["disabled", "disabled", "advisory"],
        kinds: CONTAINER_KINDS,
    },
    function* (pod) {
        for (const { place, user } of imagesOf(pod)) {
            const image = place.string();
            if (image === UNKNOWN || image === undefined) continue;
            if (parseImage(image)?.digest === undefined) yield finding(place, `the image of ${user} has no digest`);
        }
    },
);
