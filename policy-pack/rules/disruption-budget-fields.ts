import { finding, objectRule } from "../model/rule.ts";

export const disruptionBudgetFields = objectRule(
    {
        name: "disruption-budget-fields",
        title: "A disruption budget says one of minAvailable and maxUnavailable",
        severity: "high",
        why: "With neither it allows nothing that anybody wrote down, and with both the API server refuses it.",
        fix: "Set maxUnavailable, or else minAvailable.",
        link: "https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: ["PodDisruptionBudget"],
    },
    function* ({ view }) {
        const spec = view.at("spec");
        const set = ["minAvailable", "maxUnavailable"].filter((field) => !spec.at(field).missing);
        if (!spec.unknown && set.length !== 1)
            yield finding(
                spec,
                `the budget says ${set.length === 0 ? "neither" : "both"} of minAvailable and maxUnavailable`,
            );
    },
);
