import { isNamespaced } from "../model/object.ts";
import { finding, objectRule } from "../model/rule.ts";

export const namespaceDefault = objectRule(
    {
        name: "namespace-default",
        title: "Nothing lives in the namespace default",
        severity: "medium",
        why: "Everything that forgets its namespace meets there, under one set of rights, quotas and policies.",
        fix: "Set metadata.namespace to a namespace of the application's own.",
        link: "https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/",
        levels: ["advisory", "mandatory", "mandatory"],
    },
    function* ({ object, view }) {
        const place = view.at("metadata", "namespace");
        if (!isNamespaced(object) || place.unknown) return;
        if ((object.namespace ?? "default") === "default")
            yield finding(place, "the object lands in the namespace default");
    },
);
