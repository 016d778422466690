import { references } from "../model/references.ts";
import { relationFinding, stackRule } from "../model/rule.ts";
import type { Subject } from "../model/subject.ts";

export const referenceKey = stackRule(
    {
        name: "reference-key",
        title: "Secrets and ConfigMaps have the keys that pods read",
        severity: "high",
        why: "The container never starts, which shows as CreateContainerConfigError after the rollout began.",
        fix: "Add the key, fix its name, or mark the reference as optional.",
        link: "https://kubernetes.io/docs/concepts/configuration/secret/",
        levels: ["mandatory", "mandatory", "mandatory"],
    },
    function* (world) {
        for (const workload of world.workloads())
            for (const { kind, name, keys } of references(workload)) {
                const source = world.find(kind, workload.namespace, name);
                if (source === undefined) continue;
                for (const [key, place] of keys)
                    if (!hasKey(source, key)) yield relationFinding(workload, place, `${kind} ${name} has no such key`);
            }
    },
);

function hasKey({ view }: Subject, key: string): boolean {
    const maps = ["data", "stringData", "binaryData"].map((field) => view.at(field));
    return maps.some((map) => map.unknown || !map.at(key).missing);
}
