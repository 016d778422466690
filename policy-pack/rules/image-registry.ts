import { parseImage } from "../model/images.ts";
import { POD_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const imageRegistry = containerRule(
    {
        name: "image-registry",
        title: "Images come from allowed registries",
        severity: "high",
        why: "An image from anywhere is code from anyone.",
        fix: "Take the image from a registry of the parameter registries, or add its registry there.",
        link: "https://kubernetes.io/docs/concepts/containers/images/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: POD_KINDS,
    },
    function* (container, _pod, { registries }) {
        const place = container.view.at("image");
        const image = registries.length === 0 ? undefined : place.string();
        if (image === UNKNOWN || image === undefined) return;
        const repository = parseImage(image)?.repository ?? "";
        const allowed = registries.some((prefix) => `${repository}/`.startsWith(`${prefix.replace(/\/$/, "")}/`));
        if (!allowed) yield finding(place, `the image of ${called(container)} is from a registry that is not allowed`);
    },
);
