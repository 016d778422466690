import { references } from "../model/references.ts";
import { relationFinding, stackRule } from "../model/rule.ts";

export const referenceExists = stackRule(
    {
        name: "reference-exists",
        title: "Secrets and ConfigMaps that pods read are part of the stack",
        severity: "low",
        why: "What is made by hand is missing in the next cluster.",
        fix: "Make it in the stack, or exempt it with who makes it.",
        link: "https://kubernetes.io/docs/concepts/configuration/secret/",
        levels: ["disabled", "advisory", "advisory"],
    },
    function* (world) {
        for (const workload of world.workloads()) {
            const seen = new Set<string>();
            for (const { kind, name, place } of references(workload)) {
                if (seen.has(`${kind}/${name}`) || world.find(kind, workload.namespace, name) !== undefined) continue;
                seen.add(`${kind}/${name}`);
                yield relationFinding(workload, place, `the stack has no ${kind} of this name`);
            }
        }
    },
);
