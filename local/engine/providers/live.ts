/** Objects as they are in the cluster, read kind by kind before anybody asks for one: fewer requests, and no waiting. */
import { KubeError } from "../kube/client.ts";
import type { KubeObject, ObjectRef, Objects } from "../kube/objects.ts";
import { isObject } from "../values.ts";

type Found = Map<string, KubeObject>;

/** So many objects of one kind in one namespace are worth a list: it costs about as much as two single reads. */
const worthList = 2;
/** Objects in one answer. A namespace may hold many more that are not ours: the others are then read one by one. */
const pageSize = 500;
/** Helm's records of releases are Secrets of up to 1 MiB each, and none of ours. */
const withoutReleases = "type!=helm.sh/release.v1";

/** Reads ahead; each object that was read is given out once, since it may be changed after that. */
export class LiveObjects {
    readonly #objects: Objects;
    readonly #found = new Map<string, Promise<Found>>();

    constructor(objects: Objects) {
        this.#objects = objects;
    }

    /** Begins to read all of these. What cannot be listed is read one by one, when it is asked for. */
    readAhead(refs: readonly ObjectRef[]): void {
        for (const [key, group] of Map.groupBy(refs, keyOf)) {
            if (group.length >= worthList) this.#found.set(key, this.#list(group[0]!, group.length));
        }
    }

    /** The object, or `undefined` when there is none. */
    async get(ref: ObjectRef): Promise<KubeObject | undefined> {
        const found = await this.#found.get(keyOf(ref));
        const object = found?.get(ref.name);
        found?.delete(ref.name);
        return object ?? this.#objects.get(ref);
    }

    async #list({ apiVersion, kind, namespace }: ObjectRef, wanted: number): Promise<Found> {
        const found: Found = new Map();
        const query: Record<string, string> = { limit: String(pageSize) };
        if (apiVersion === "v1" && kind === "Secret") query["fieldSelector"] = withoutReleases;
        try {
            const path = await this.#objects.collection({ apiVersion, kind, namespace });
            for (let page = 0; page <= wanted / pageSize; page++) {
                const answer = await this.#objects.client.request("GET", path, { query });
                if (!isObject(answer) || !Array.isArray(answer["items"])) break;
                for (const item of answer["items"] as KubeObject[])
                    found.set(item.metadata.name ?? "", { ...item, apiVersion, kind });
                const next = isObject(answer["metadata"]) ? answer["metadata"]["continue"] : undefined;
                if (typeof next !== "string" || next === "") break;
                query["continue"] = next;
            }
        } catch (error) {
            // it may not be listed by everybody who may read it; any other trouble shows when it is read
            if (!(error instanceof KubeError)) return found;
        }
        return found;
    }
}

function keyOf({ apiVersion, kind, namespace }: ObjectRef): string {
    return `${apiVersion} ${kind} ${namespace ?? ""}`;
}
