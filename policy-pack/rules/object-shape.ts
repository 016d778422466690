import { apiErrors } from "../api/errors.ts";
import { objectRule } from "../model/rule.ts";

/** Also raised by the run, for fields of kinds without a schema that a rule read and found of another type. */
export const objectShape = objectRule(
    {
        name: "object-shape",
        title: "Objects have the form that the Kubernetes API takes",
        severity: "high",
        why: "The API server refuses the object, and an update stops halfway.",
        fix: "Write what the message asks for; the parameter kubernetesVersion says what the cluster is.",
        link: "https://kubernetes.io/docs/reference/kubernetes-api/",
        levels: ["mandatory", "mandatory", "mandatory"],
    },
    ({ object }, { kubernetesVersion }) => apiErrors(object, kubernetesVersion),
);
