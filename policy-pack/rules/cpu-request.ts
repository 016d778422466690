import { resourceRule } from "../model/resources.ts";

export const cpuRequest = resourceRule("requests", "cpu", {
    name: "cpu-request",
    title: "Each container has a CPU request",
    severity: "medium",
    why: "The scheduler cannot place the pod well, and it is the first to starve.",
    fix: "Set resources.requests of cpu on the container.",
    link: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
    levels: ["advisory", "mandatory", "mandatory"],
});
