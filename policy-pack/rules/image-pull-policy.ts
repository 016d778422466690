import { parseImage } from "../model/images.ts";
import { CONTAINER_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const imagePullPolicy = containerRule(
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
    function* (container) {
        const place = container.view.at("imagePullPolicy");
        const policy = place.string();
        if (policy === "Never") yield finding(place, `${called(container)} never pulls its image`);
        if (policy !== "IfNotPresent") return;
        const image = container.view.at("image").string();
        const parts = image === UNKNOWN || image === undefined ? undefined : parseImage(image);
        if (parts !== undefined && parts.digest === undefined && (parts.tag ?? "latest") === "latest")
            yield finding(place, `${called(container)} keeps whatever image of a moving tag the node holds`);
    },
);
