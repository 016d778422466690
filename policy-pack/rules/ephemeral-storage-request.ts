import { resourceRule } from "../model/resources.ts";

export const ephemeralStorageRequest = resourceRule("requests", "ephemeral-storage", {
    name: "ephemeral-storage-request",
    title: "Each container has an ephemeral-storage request",
    severity: "medium",
    why: "The scheduler does not see the disk that logs and scratch files take.",
    fix: "Set resources.requests of ephemeral-storage on the container.",
    link: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
    levels: ["advisory", "mandatory", "mandatory"],
});
