import { CONTAINER_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { containerRule, finding } from "../model/rule.ts";
import { commandSecrets } from "../model/secrets.ts";
import type { View } from "../model/view.ts";

const LISTS: readonly (readonly string[])[] = [
    ["command"],
    ["args"],
    ["livenessProbe", "exec", "command"],
    ["readinessProbe", "exec", "command"],
    ["startupProbe", "exec", "command"],
    ["lifecycle", "postStart", "exec", "command"],
    ["lifecycle", "preStop", "exec", "command"],
];

export const secretInArgs = containerRule(
    {
        name: "secret-in-args",
        title: "No command line holds a secret",
        severity: "critical",
        why: "Command lines show in the workload, in process lists and in logs.",
        fix: "Put the value into a Secret, and read it from a variable or a file.",
        link: "https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: CONTAINER_KINDS,
    },
    function* (container) {
        for (const path of LISTS) {
            const places = container.view.at(...path).items();
            for (const index of commandSecrets(places.map((place) => text(place))))
                yield finding(places[index] ?? "", `a command line of ${called(container)} holds a secret`);
        }
        // Scripts of steps, of Tekton and of Argo.
        for (const place of [container.view.at("script"), container.view.at("source")])
            if (commandSecrets([text(place)]).length > 0)
                yield finding(place, `the script of ${called(container)} holds a secret`);
    },
);

function text(view: View): string | undefined {
    const value = view.string();
    return typeof value === "string" ? value : undefined;
}
