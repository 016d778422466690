/** Findings on the form of an object, in words. */
import type { ErrorObject } from "ajv";

import { groupOf, type KubeObject } from "../model/object.ts";
import type { RuleFinding } from "../model/rule.ts";
import { nearest, sentenceList } from "../model/text.ts";
import { UNKNOWN } from "../model/unknown.ts";
import { BUILT_IN, fateOf } from "../model/versions.ts";
import { isTree, stepTo } from "../model/view.ts";
import { formIn, FORMS_BY_NAME, hasForm, type FormName } from "./formats.ts";
import { nameForm } from "./forms.ts";
import { apiOf } from "./schema.ts";

/** Whether the form of an object's kind is known for a version of Kubernetes. */
export function hasSchema({ apiVersion, kind }: KubeObject, version: string): boolean {
    return apiOf(version).serves(apiVersion, kind) === true;
}

/** What the API server of a version refuses in an object. Of kinds that it does not know itself, the metadata alone. */
export function* apiErrors(object: KubeObject, version: string): Iterable<RuleFinding> {
    const { apiVersion, kind, body } = object;
    if (!isTree(body) || kind === "Release") return;
    const api = apiOf(version);
    const served = api.serves(apiVersion, kind);
    if (served !== true && isBuiltIn(groupOf(apiVersion)) && fateOf(object, version).state !== "removed")
        yield { path: "kind", message: `Kubernetes ${version} has no such kind in this API version` };
    const errors =
        served === true
            ? api.errors(apiVersion, kind, body)
            : api
                  .metadataErrors(body["metadata"])
                  .map((error) => ({ ...error, instancePath: `/metadata${error.instancePath}` }));
    yield* nameErrors(object, body, version, served === true);
    for (const error of errors) {
        const found = inWords(error, body);
        if (found !== undefined && !isIgnored(error, found, object)) yield found;
    }
}

/** Lists of a pod and its owners whose keys only server-side apply needs, as Pulumi does it. */
const appliedList = /ontainers\[\d+\]\.(ports|env)\[\d+\]$|(imagePullSecrets|hostAliases|ownerReferences)\[\d+\]$/;

/** What the API server does not look at, though the documents say it. */
function isIgnored({ keyword, instancePath }: ErrorObject, { path }: RuleFinding, { urn }: KubeObject): boolean {
    // It takes no status when an object is made: that has to be readable only.
    if (/^\/status(\/|$)/.test(instancePath)) return keyword !== "type" && keyword !== "fields";
    return keyword === "keys" && urn === undefined && appliedList.test(path);
}

/** Groups whose objects are questions, which have no name. */
const NAMELESS = new Set(["authentication.k8s.io", "authorization.k8s.io"]);

/** Whether only Kubernetes itself could serve a group: those of others have a domain. */
function isBuiltIn(group: string): boolean {
    return BUILT_IN.has(group) || !/^[a-z0-9][-a-z0-9.]*\.[a-z]+$/.test(group);
}

function* nameErrors(
    { apiVersion, kind, urn }: KubeObject,
    { metadata }: Record<string, unknown>,
    version: string,
    isKnown: boolean,
): Iterable<RuleFinding> {
    const { name, generateName } = isTree(metadata) ? metadata : {};
    // What has no metadata and an API of somebody else is a file for another program.
    if (NAMELESS.has(groupOf(apiVersion)) || (metadata === undefined && !isBuiltIn(groupOf(apiVersion)))) return;
    // Pulumi makes up the name of an object that has none.
    if (name === undefined || name === null || name === "") {
        if (urn === undefined && !generateName && metadata !== UNKNOWN)
            yield { path: "metadata.name", message: "this is required" };
        return;
    }
    const form = isKnown ? formIn(nameForm(kind), Number(version.split(".")[1])) : "path-segment";
    if (!hasForm(form, name)) yield { path: "metadata.name", message: `must be ${FORMS_BY_NAME[form].says}` };
}

/** The error as a finding; none where the value is null, which counts as absent, or not known yet. */
function inWords(error: ErrorObject, body: unknown): RuleFinding | undefined {
    const { keyword, params, propertyName } = error as ErrorObject<string, Record<string, unknown>>;
    const { path, value } = locate(body, error.instancePath);
    // A field that does not exist is one too many whatever is in it.
    if (value === UNKNOWN && keyword !== "fields") return undefined;
    if (value === null && !["fields", "needs", "definition"].includes(keyword)) return undefined;
    if (keyword === "propertyNames") return undefined;
    if (propertyName !== undefined) {
        const form = params["form"] as FormName;
        return {
            path: stepTo(path, propertyName),
            message: `the name must be ${FORMS_BY_NAME[form].says}`,
            kind: "wrong name",
        };
    }
    switch (keyword) {
        case "type":
            return {
                path,
                message: `must be ${typeInWords(params["type"])}, not ${kindOf(value)}`,
                ...(String(params["type"]).startsWith("string") && { kind: "not text" as const }),
            };
        case "fields": {
            const close = nearest(String(params["field"]), params["fields"] as readonly string[]);
            const suggestion = close === undefined ? "" : `; did you mean ${close}?`;
            return { path, message: `there is no such field${suggestion}`, kind: "unknown field" };
        }
        case "needs":
            return { path, message: "this is required" };
        case "enum":
            return {
                path,
                message: `must be one of ${sentenceList((params["allowedValues"] as string[]).filter((allowed) => allowed !== ""))}`,
            };
        case "form":
            return { path, message: `must be ${FORMS_BY_NAME[params["form"] as FormName].says}` };
        case "minimum":
            return { path, message: `must be at least ${String(params["limit"])}` };
        case "maximum":
            return { path, message: `must be at most ${String(params["limit"])}` };
        case "minItems":
            return { path, message: "must not be empty" };
        case "maxItems":
            return { path, message: `must have at most ${String(params["limit"])} entries` };
        case "keys": {
            const fields = params["fields"] as readonly string[];
            return {
                path,
                message:
                    fields.length === 0
                        ? "this is in the list twice"
                        : `the list has two entries with this ${sentenceList(fields)}`,
            };
        }
        case "definition":
            return { path, message: String(params["message"]) };
        default:
            return { path, message: "this does not have the form that the Kubernetes API takes" };
    }
}

/** The value at a JSON pointer, and its path as findings write it. */
function locate(body: unknown, pointer: string): { readonly path: string; readonly value: unknown } {
    let [path, value] = ["", body];
    for (const part of pointer.split("/").slice(1)) {
        const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
        path = stepTo(path, Array.isArray(value) ? Number(key) : key);
        // Below what is not known, nothing is.
        if (value !== UNKNOWN)
            value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
    }
    return { path, value };
}

const TYPES: Readonly<Record<string, string>> = {
    object: "a map",
    array: "a list",
    string: "text",
    integer: "a whole number",
    number: "a number",
    boolean: "true or false",
};

function typeInWords(type: unknown): string {
    const types = Array.isArray(type) ? (type as string[]) : String(type).split(",");
    return types.map((each) => TYPES[each] ?? each).join(" or ");
}

function kindOf(value: unknown): string {
    if (Array.isArray(value)) return "a list";
    if (typeof value === "object") return "a map";
    if (typeof value === "string") return "text (in quotes?)";
    return typeof value === "boolean" ? "true or false" : typeof value === "number" ? "a number" : "this";
}
