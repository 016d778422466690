import { imagesOf, parseImage } from "../model/images.ts";
import { CONTAINER_KINDS } from "../model/object.ts";
import { finding, podRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const imageRegistry = podRule(
    {
        name: "image-registry",
        title: "Images come from allowed registries",
        severity: "high",
        why: "An image from anywhere is code from anyone.",
        fix: "Take the image from a registry of the parameter registries, or add its registry there.",
        link: "https://kubernetes.io/docs/concepts/containers/images/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: CONTAINER_KINDS,
    },
    function* (pod, { registries }) {
        if (registries.length === 0) return;
        for (const { place, user } of imagesOf(pod)) {
            const image = place.string();
            if (image === UNKNOWN || image === undefined) continue;
            const repository = parseImage(image)?.repository ?? "";
            const allowed = registries.some((prefix) => `${repository}/`.startsWith(`${prefix.replace(/\/$/, "")}/`));
            if (!allowed) yield finding(place, `the image of ${user} is from a registry that is not allowed`);
        }
    },
);
