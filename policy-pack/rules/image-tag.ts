import { imagesOf, parseImage } from "../model/images.ts";
import { CONTAINER_KINDS } from "../model/object.ts";
import { finding, podRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const imageTag = podRule(
    {
        name: "image-tag",
        title: "Each image names a version",
        severity: "high",
        why: "Without a fixed version two replicas can run different code, and a rollback brings nothing back.",
        fix: "Name a version tag other than latest, or a digest.",
        link: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: CONTAINER_KINDS,
    },
    function* (pod) {
        for (const { place, user } of imagesOf(pod)) {
            const image = place.string();
            if (image === UNKNOWN) continue;
            const parts = image === undefined ? undefined : parseImage(image);
            if (parts === undefined) yield finding(place, `${user} has no valid image`);
            else if (parts.digest === undefined && parts.tag === undefined)
                yield finding(place, `the image of ${user} has neither tag nor digest`);
            else if (parts.digest === undefined && parts.tag === "latest")
                yield finding(place, `the image of ${user} has the tag latest`);
        }
    },
);
