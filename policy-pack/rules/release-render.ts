import type { RunRule } from "../model/rule.ts";

/** Raised by the run for every Release whose chart could not be rendered, so that its objects were not checked. */
export const releaseRender: RunRule = {
    scope: "run",
    name: "release-render",
    title: "The objects inside a Helm release can be checked",
    severity: "high",
    why: "A chart that cannot be rendered would slip past every other rule.",
    fix: "Put helm on the PATH (or name it in HELM) and see that helm template renders this chart with these values.",
    link: "https://helm.sh/docs/helm/helm_template/",
    levels: ["mandatory", "mandatory", "mandatory"],
};
