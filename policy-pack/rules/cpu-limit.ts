import { resourceRule } from "../model/resources.ts";

export const cpuLimit = resourceRule("limits", "cpu", {
    name: "cpu-limit",
    title: "Each container has a CPU limit",
    severity: "medium",
    why: "One busy container can take the CPU of its whole node.",
    fix: "Set resources.limits of cpu on the container.",
    link: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
    levels: ["advisory", "mandatory", "mandatory"],
});
