import { CONTAINER_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";
import { isSecret } from "../model/secrets.ts";

export const secretInEnv = containerRule(
    {
        name: "secret-in-env",
        title: "No variable holds a secret in plain sight",
        severity: "critical",
        why: "Whoever may see the workload, its history or its backup sees the secret.",
        fix: "Put the value into a Secret and refer to it by valueFrom.secretKeyRef.",
        link: "https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: CONTAINER_KINDS,
    },
    function* (container) {
        for (const variable of container.view.at("env").items()) {
            const name = variable.at("name").string();
            const value = variable.at("value").string();
            if (typeof value === "string" && isSecret(typeof name === "string" ? name : "", value))
                yield finding(variable.at("value"), `a variable of ${called(container)} holds a secret in plain sight`);
        }
    },
);
