import type { RunRule } from "../model/rule.ts";

/** Raised by the run for every field that a rule read and found of a type the API server refuses. */
export const objectShape: RunRule = {
    scope: "run",
    name: "object-shape",
    title: "Fields have the type that the Kubernetes API takes",
    severity: "high",
    why: "The API server refuses the object, or drops the field, and no rule can check what it meant.",
    fix: "Give the field the type that the API reference names.",
    link: "https://kubernetes.io/docs/reference/kubernetes-api/",
    levels: ["mandatory", "mandatory", "mandatory"],
};
