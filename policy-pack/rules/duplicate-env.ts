import { CONTAINER_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";

export const duplicateEnv = containerRule(
    {
        name: "duplicate-env",
        title: "No variable is set twice",
        severity: "medium",
        why: "The last one wins, and server-side apply refuses the list.",
        fix: "Remove one of the two.",
        link: "https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: CONTAINER_KINDS,
    },
    function* (container) {
        const seen = new Set<string>();
        for (const variable of container.view.at("env").items()) {
            const name = variable.at("name").string();
            if (typeof name !== "string") continue;
            if (seen.has(name)) yield finding(variable.at("name"), `${called(container)} sets this variable twice`);
            seen.add(name);
        }
    },
);
