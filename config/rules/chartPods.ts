/**
 * Rules over values of a chart that go to its pods as they are. The API server alone would refuse a wrong one, in the middle
 * of an update.
 */
import { createRequire } from "node:module";
import type * as Api from "../../policy-pack/api/errors.ts";
import type { RuleFinding } from "../../policy-pack/model/rule.ts";
import { parsePath } from "../../policy-pack/model/text.ts";
import { PARAMETERS } from "../../policy-pack/schema.ts";
import { remove, set } from "../errors/commands.ts";
import type { Path } from "../tree.ts";
import { isObject, type JsonObject, valueAt } from "../values.ts";
import { located, type Located } from "./chartOwned.ts";

/** The schema of the API is loaded when there is something to check: that takes longer than the rest of the configuration. */
const load = createRequire(import.meta.url);

/** Names of such values in nearly all charts, and where they go. */
const fields: Readonly<Record<string, Path>> = {
    tolerations: ["spec", "tolerations"],
    affinity: ["spec", "affinity"],
    nodeSelector: ["spec", "nodeSelector"],
    topologySpreadConstraints: ["spec", "topologySpreadConstraints"],
    priorityClassName: ["spec", "priorityClassName"],
    podLabels: ["metadata", "labels"],
    podAnnotations: ["metadata", "annotations"],
};

/** Errors among `given`, the stack's values. */
export function podErrors(given: JsonObject): readonly Located[] {
    const places = placesOf(given);
    if (places.length === 0) return [];
    const { apiErrors } = load("../../policy-pack/api/errors.ts") as typeof Api;
    return places.flatMap((place) => {
        const [part = "", field = ""] = fields[String(place.at(-1))]!.map(String);
        const body = podWith(part, field, valueAt(given, place));
        const pod = { apiVersion: "v1", kind: "Pod", name: "pod", body };
        const found = [...apiErrors(pod, PARAMETERS.kubernetesVersion.default)].map((finding) => ({
            ...finding,
            path: parsePath(finding.path),
        }));
        return found
            .filter(({ path }) => path[0] === part && path[1] === field)
            .map(({ path, message, kind }) => {
                const at = [...place, ...path.slice(2)];
                return located(at, `is refused by the API server: ${message}`, fixOf(valueAt(given, at), kind));
            });
    });
}

function fixOf(value: unknown, kind: RuleFinding["kind"]): (key: string) => string {
    if (typeof value === "object" || kind === "unknown field" || kind === "wrong name") return remove;
    const isText = kind === "not text" && (typeof value === "number" || typeof value === "boolean");
    return (key) => set(key, isText ? String(value) : "<value>");
}

function podWith(part: string, field: string, value: unknown): JsonObject {
    const pod = { metadata: { name: "pod" }, spec: { containers: [{ name: "main", image: "main:1" }] } };
    return { apiVersion: "v1", kind: "Pod", ...pod, [part]: { ...valueAt(pod, [part])!, [field]: value } };
}

/** What is filled in by a template of the chart is not known here; charts leave out what is empty, in any type. */
function placesOf(value: unknown, path: Path = []): readonly Path[] {
    if (!isObject(value)) return [];
    return Object.entries(value).flatMap(([name, child]) => {
        const place = [...path, name];
        if (!Object.hasOwn(fields, name)) return placesOf(child, place);
        const isEmpty =
            child === null || child === "" || (typeof child === "object" && Object.keys(child).length === 0);
        const isPlain = !isEmpty && !JSON.stringify(child).includes("{{");
        return isPlain && (typeof child !== "string" || name === "priorityClassName") ? [place] : [];
    });
}
