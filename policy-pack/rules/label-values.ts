import { podOf } from "../model/pods.ts";
import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";
import type { View } from "../model/view.ts";

const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export const labelValues = objectRule(
    {
        name: "label-values",
        title: "Labels are valid",
        severity: "high",
        why: "The API server refuses an object with an invalid label.",
        fix: "Use at most 63 letters, digits, dashes, dots and underscores, with a letter or digit at both ends.",
        link: "https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set",
        levels: ["mandatory", "mandatory", "mandatory"],
    },
    function* ({ object, view }) {
        const pod = podOf(object, view);
        const maps: View[] = [view.at("metadata", "labels")];
        if (pod !== undefined && object.kind !== "Pod") maps.push(pod.metadata.at("labels"));
        for (const map of maps)
            for (const [key, place] of map.entries()) {
                const value = place.string();
                if (!isKey(key)) yield finding(place, "the name of this label is invalid");
                if (value !== UNKNOWN && value !== undefined && value !== "" && !NAME.test(value))
                    yield finding(place, "the value of this label is invalid");
            }
    },
);

function isKey(key: string): boolean {
    const slash = key.lastIndexOf("/");
    return NAME.test(key.slice(slash + 1)) && (slash < 0 || PREFIX.test(key.slice(0, slash)));
}
