import { namespaceOf } from "./object.ts";
import type { Subject } from "./subject.ts";
import { UNKNOWN } from "./unknown.ts";
import type { World } from "./world.ts";

/** Kinds for which a controller makes or fills a Secret, with the field of its name; without it, it has the object's own. */
const MAKERS: Readonly<Record<string, readonly string[]>> = {
    Certificate: ["spec", "secretName"],
    ExternalSecret: ["spec", "target", "name"],
    SealedSecret: ["spec", "template", "metadata", "name"],
};

/** Secrets of the stack that controllers make or fill, as `namespace/name`. */
export function secretsMade(world: World): ReadonlySet<string> {
    return new Set(
        Object.entries(MAKERS).flatMap(([kind, field]) => world.all(kind).flatMap((maker) => secretOf(maker, field))),
    );
}

function secretOf({ object, view }: Subject, field: readonly string[]): readonly string[] {
    const name = view.at(...field).string() ?? object.name;
    return name === UNKNOWN ? [] : [`${namespaceOf(object)}/${name}`];
}
