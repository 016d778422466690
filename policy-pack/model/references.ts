import { UNKNOWN } from "./unknown.ts";
import type { View } from "./view.ts";
import type { Workload } from "./world.ts";

/** A place where a pod names a Secret or a ConfigMap. */
export interface Reference {
    readonly kind: "Secret" | "ConfigMap";
    readonly name: string;
    /** Where the name is written. */
    readonly place: View;
    /** Keys that must be there, each with where it is written. */
    readonly keys: readonly (readonly [string, View])[];
}

/** All the Secrets and ConfigMaps that a pod cannot start without. Unknown names are left out. */
export function references({ pod }: Workload): Reference[] {
    const found: Reference[] = [];
    const add = (kind: Reference["kind"], source: View, name: View, keys: readonly View[]): void => {
        const text = source.missing ? undefined : name.string();
        if (text === UNKNOWN || text === undefined || source.at("optional").boolean() === true) return;
        const known = keys.flatMap((key): [string, View][] => {
            const word = key.string();
            return typeof word === "string" ? [[word, key]] : [];
        });
        found.push({ kind, name: text, place: name, keys: known });
    };
    for (const { view } of pod.containers) {
        for (const variable of view.at("env").items()) {
            const [secret, map] = [
                variable.at("valueFrom", "secretKeyRef"),
                variable.at("valueFrom", "configMapKeyRef"),
            ];
            add("Secret", secret, secret.at("name"), [secret.at("key")]);
            add("ConfigMap", map, map.at("name"), [map.at("key")]);
        }
        for (const source of view.at("envFrom").items()) {
            add("Secret", source.at("secretRef"), source.at("secretRef", "name"), []);
            add("ConfigMap", source.at("configMapRef"), source.at("configMapRef", "name"), []);
        }
    }
    for (const volume of pod.spec.at("volumes").items()) {
        const sources = [volume, ...volume.at("projected", "sources").items()];
        for (const source of sources) {
            const [secret, map] = [source.at("secret"), source.at("configMap")];
            const secretName = source === volume ? secret.at("secretName") : secret.at("name");
            add(
                "Secret",
                secret,
                secretName,
                secret
                    .at("items")
                    .items()
                    .map((item) => item.at("key")),
            );
            add(
                "ConfigMap",
                map,
                map.at("name"),
                map
                    .at("items")
                    .items()
                    .map((item) => item.at("key")),
            );
        }
    }
    return found;
}
