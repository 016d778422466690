import { finding, objectRule } from "../model/rule.ts";

export const barePod = objectRule(
    {
        name: "bare-pod",
        title: "Pods belong to a controller",
        severity: "medium",
        why: "Nothing brings a bare pod back when its node goes, and nothing rolls it.",
        fix: "Use a Deployment, StatefulSet, DaemonSet or Job.",
        link: "https://kubernetes.io/docs/concepts/configuration/overview/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ["Pod", "ReplicaSet", "ReplicationController"],
    },
    function* ({ view }) {
        if (view.at("metadata", "ownerReferences").missing && !isHelmTest(view.at("metadata", "annotations").raw))
            yield finding("kind", "no controller looks after it");
    },
);

/** Helm runs its test pods on demand and never keeps them. */
function isHelmTest(annotations: unknown): boolean {
    return JSON.stringify(annotations ?? null).includes('"helm.sh/hook":"test');
}
