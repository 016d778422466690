import { resourceRule } from "../model/resources.ts";

export const memoryRequest = resourceRule("requests", "memory", {
    name: "memory-request",
    title: "Each container has a memory request",
    severity: "medium",
    why: "The scheduler overcommits the node's memory, and the pod is among the first to be evicted.",
    fix: "Set resources.requests of memory on the container.",
    link: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
    levels: ["advisory", "mandatory", "mandatory"],
});
