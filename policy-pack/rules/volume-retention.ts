import { finding, objectRule } from "../model/rule.ts";

export const volumeRetention = objectRule(
    {
        name: "volume-retention",
        title: "Volumes outlive their StatefulSet",
        severity: "high",
        why: "Deleting, replacing or scaling down the StatefulSet deletes its data.",
        fix: "Set persistentVolumeClaimRetentionPolicy to Retain, or leave it out.",
        link: "https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ["StatefulSet"],
    },
    function* ({ view }) {
        for (const field of ["whenDeleted", "whenScaled"]) {
            const place = view.at("spec", "persistentVolumeClaimRetentionPolicy", field);
            if (place.string() === "Delete") yield finding(place, "the volumes are deleted with it");
        }
    },
);
