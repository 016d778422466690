import { podsOf } from "../model/pods.ts";
import { finding, objectRule } from "../model/rule.ts";
import { isPlain, looksSecret } from "../model/secrets.ts";

export const secretInAnnotations = objectRule(
    {
        name: "secret-in-annotations",
        title: "No label or annotation holds a secret",
        severity: "critical",
        why: "Labels and annotations go into metrics, events and every list.",
        fix: "Put the value into a Secret, and name the Secret in the annotation.",
        link: "https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
        levels: ["mandatory", "mandatory", "mandatory"],
    },
    function* ({ object, view }) {
        const pods = object.kind === "Pod" ? [] : podsOf(object, view);
        for (const metadata of [view.at("metadata"), ...pods.map((pod) => pod.metadata)])
            for (const map of ["annotations", "labels"])
                for (const [name, place] of metadata.at(map).entries()) {
                    const value = place.string();
                    if (typeof value === "string" && givesAway(name, value))
                        yield finding(place, "this holds a secret");
                }
    },
);

/** Annotations often name a Secret, so that only the plainest of names tell. */
function givesAway(name: string, value: string): boolean {
    return looksSecret(value) || (/(password|passwd|passphrase|apikey|api-key)$/i.test(name) && !isPlain(value));
}
