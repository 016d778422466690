import { resourceRule } from "../model/resources.ts";

export const memoryLimit = resourceRule("limits", "memory", {
    name: "memory-limit",
    title: "Each container has a memory limit",
    severity: "high",
    why: "A leak takes the memory of the whole node before anything is killed.",
    fix: "Set resources.limits of memory on the container.",
    link: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
    levels: ["mandatory", "mandatory", "mandatory"],
});
