import { CONTAINER_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";

export const secretEnvReference = containerRule(
    {
        name: "secret-env-reference",
        title: "Secrets reach containers as files",
        severity: "low",
        why: "Variables show up in crash reports and in every child process; files do not.",
        fix: "Mount the Secret as a volume, where the program can read a file.",
        link: "https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
        // Off by default: most programs, and the spec of this one, read variables.
        levels: ["disabled", "disabled", "advisory"],
        kinds: CONTAINER_KINDS,
    },
    function* (container) {
        for (const variable of container.view.at("env").items()) {
            const place = variable.at("valueFrom", "secretKeyRef");
            if (place.present) yield finding(place, `a variable of ${called(container)} holds a Secret's value`);
        }
        for (const source of container.view.at("envFrom").items()) {
            const place = source.at("secretRef");
            if (place.present) yield finding(place, `variables of ${called(container)} hold a whole Secret`);
        }
    },
);
