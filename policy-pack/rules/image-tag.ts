import { parseImage } from "../model/images.ts";
import { POD_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const imageTag = containerRule(
    {
        name: "image-tag",
        title: "Each image names a version",
        severity: "high",
        why: "Without a fixed version two replicas can run different code, and a rollback brings nothing back.",
        fix: "Name a version tag other than latest, or a digest.",
        link: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: POD_KINDS,
    },
    function* (container) {
        const place = container.view.at("image");
        const image = place.string();
        if (image === UNKNOWN) return;
        const parts = image === undefined ? undefined : parseImage(image);
        if (parts === undefined) yield finding(place, `${called(container)} has no valid image`);
        else if (parts.digest === undefined && parts.tag === undefined)
            yield finding(place, `the image of ${called(container)} has neither tag nor digest`);
        else if (parts.digest === undefined && parts.tag === "latest")
            yield finding(place, `the image of ${called(container)} has the tag latest`);
    },
);
