import { secretsMade } from "../model/makers.ts";
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
    function* (world, { controllerFilled }) {
        const marks = [...KNOWN_MARKS, ...controllerFilled];
        const filled = secretsMade(world);
        for (const workload of world.workloads())
            for (const { kind, name, keys } of references(workload)) {
                const source = world.find(kind, workload.namespace, name);
                if (source === undefined || isFilled(source, marks)) continue;
                if (kind === "Secret" && filled.has(`${workload.namespace}/${name}`)) continue;
                for (const [key, place] of keys)
                    if (!hasKey(source, key)) yield relationFinding(workload, place, `${kind} ${name} has no such key`);
            }
    },
);

/** Labels and annotations by which controllers know the Secrets and ConfigMaps that they are to fill. */
const KNOWN_MARKS = [
    "config.openshift.io/inject-trusted-cabundle",
    "service.beta.openshift.io/inject-cabundle",
    "replicator.v1.mittwald.de/replicate-from",
    "secret-generator.v1.mittwald.de/autogenerate",
    "secret-generator.v1.mittwald.de/type",
    "reflector.v1.k8s.emberstack.com/reflects",
];

function isFilled({ view }: Subject, marks: readonly string[]): boolean {
    const places = ["labels", "annotations"].map((field) => view.at("metadata", field));
    return marks.some((mark) => places.some((place) => !place.at(mark).missing));
}

/** Keys that Kubernetes itself adds to a Secret of the type. */
const ADDED: Readonly<Record<string, readonly string[]>> = {
    "kubernetes.io/service-account-token": ["token", "ca.crt", "namespace"],
};

function hasKey({ view }: Subject, key: string): boolean {
    const type = view.at("type").string();
    if (typeof type === "string" && ADDED[type]?.includes(key)) return true;
    const maps = ["data", "stringData", "binaryData"].map((field) => view.at(field));
    return maps.some((map) => map.unknown || !map.at(key).missing);
}
