import { secretsMade } from "../model/makers.ts";
import { references } from "../model/references.ts";
import { relationFinding, stackRule } from "../model/rule.ts";
import type { Workload } from "../model/world.ts";

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
        const made = new Set(world.workloads(["Job"]).flatMap(namesIn));
        const filled = secretsMade(world);
        for (const workload of world.workloads()) {
            const seen = new Set<string>();
            for (const { kind, name, place } of references(workload)) {
                if (seen.has(`${kind}/${name}`) || world.find(kind, workload.namespace, name) !== undefined) continue;
                seen.add(`${kind}/${name}`);
                if (made.has(name) || (kind === "Secret" && filled.has(`${workload.namespace}/${name}`))) continue;
                yield relationFinding(workload, place, `the stack has no ${kind} of this name`);
            }
        }
    },
);

/** Names among the arguments of a Job, which may be what it makes: a certificate of a webhook, a first password. */
function namesIn({ pod }: Workload): readonly string[] {
    const lists = pod.containers.flatMap(({ view }) => [...view.at("command").items(), ...view.at("args").items()]);
    return lists.flatMap((item) => {
        const text = item.string();
        return typeof text === "string" ? text.split(/[\s=]+/) : [];
    });
}
