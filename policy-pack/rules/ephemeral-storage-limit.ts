import { resourceRule } from "../model/resources.ts";

export const ephemeralStorageLimit = resourceRule("limits", "ephemeral-storage", {
    name: "ephemeral-storage-limit",
    title: "Each container has an ephemeral-storage limit",
    severity: "medium",
    why: "Logs and scratch files can fill the disk of the node and evict its other pods.",
    fix: "Set resources.limits of ephemeral-storage on the container.",
    link: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
    levels: ["advisory", "mandatory", "mandatory"],
});
