import { relationFinding, stackRule } from "../model/rule.ts";
import type { Subject } from "../model/subject.ts";
import { POD_KINDS, knownKind } from "../model/object.ts";
import type { World } from "../model/world.ts";

export const statefulProtected = stackRule(
    {
        name: "stateful-protected",
        title: "Pulumi protects what holds data",
        severity: "high",
        why: "A renamed resource or a wrong stack deletes the volume, the StatefulSet or the whole namespace with its data.",
        fix: "Set the resource option protect: true; take it off again to delete it on purpose.",
        link: "https://www.pulumi.com/docs/iac/concepts/resources/options/protect/",
        levels: ["disabled", "advisory", "mandatory"],
    },
    function* (world) {
        for (const subject of stateful(world))
            if (subject.object.protect === false)
                yield relationFinding(subject, "", "it holds data, and Pulumi does not protect it from deletion");
    },
);

function* stateful(world: World): Iterable<Subject> {
    const volumes = world.all("PersistentVolumeClaim");
    yield* [...volumes, ...world.all("PersistentVolume")];
    const sets = world
        .all("StatefulSet")
        .filter(({ view }) => view.at("spec", "volumeClaimTemplates").items().length > 0);
    yield* sets;
    const kept = [...volumes, ...sets];
    const releases = new Set(kept.map(({ object }) => object.release));
    for (const release of world.all("Release")) if (releases.has(release.object.name)) yield release;
    const full = new Set([...kept, ...world.workloads(POD_KINDS)].map(({ object }) => object.namespace ?? "default"));
    for (const namespace of world.all("Namespace"))
        if (full.has(namespace.object.name) && knownKind(namespace.object) === "Namespace") yield namespace;
}
