/**
 * What the Kubernetes API says of the form of its objects: `schema.json`, which `npm run schema` makes from the OpenAPI
 * documents of Kubernetes, with what only the API server's code knows (`forms.ts`, `checks/`).
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { _, Ajv, type AnySchemaObject, type ErrorObject, type ValidateFunction } from "ajv";
import type { DataValidationCxt } from "ajv/dist/types/index.js";

import { UNKNOWN } from "../model/unknown.ts";
import { isTree } from "../model/view.ts";
import { CHECKS } from "./checks/index.ts";
import type { Tree } from "./checks/parts.ts";
import { formIn, hasForm, type FormName } from "./formats.ts";
import { FORMS, OPTIONAL, REQUIRED } from "./forms.ts";

/** The definitions of one version, compiled when they are first met: an object uses a few of some hundred. */
export interface Api {
    /** Whether the version serves a kind; undefined for a kind that no version serves. */
    readonly serves: (apiVersion: string, kind: string) => boolean | undefined;
    /** What is wrong with an object of a kind that the version serves. */
    readonly errors: (apiVersion: string, kind: string, body: unknown) => readonly ErrorObject[];
    /** What is wrong with the metadata of an object of any other kind. */
    readonly metadataErrors: (metadata: unknown) => readonly ErrorObject[];
}

interface SchemaFile {
    readonly versions: readonly string[];
    readonly kinds: Readonly<Record<string, string>>;
    readonly definitions: Readonly<
        Record<string, readonly (readonly [from: string, schema: AnySchemaObject | null])[]>
    >;
}

/** What `schema.json` says of one field. */
interface Field {
    readonly type?: string;
    readonly is?: string;
    readonly enum?: readonly string[];
    readonly keys?: readonly string[];
    readonly format?: string;
    readonly items?: AnySchemaObject;
    readonly additionalProperties?: AnySchemaObject;
}

let file: SchemaFile | undefined;
const apis = new Map<string, Api>();

/** The versions that the file has, oldest first. */
export function knownVersions(): readonly string[] {
    return schemaFile().versions;
}

function schemaFile(): SchemaFile {
    file ??= JSON.parse(readFileSync(path.join(import.meta.dirname, "schema.json"), "utf8")) as SchemaFile;
    return file;
}

/** The API of a version, as in `1.36`; of the nearest one that the file has for any other. */
export function apiOf(version: string): Api {
    const known = apis.get(version);
    if (known !== undefined) return known;
    const api = newApi(schemaFile(), minor(version));
    apis.set(version, api);
    return api;
}

function newApi({ kinds, definitions, versions }: SchemaFile, version: number): Api {
    const target = Math.max(version, minor(versions[0] ?? ""));
    const schemaOf = (name: string): AnySchemaObject | undefined =>
        definitions[name]?.findLast(([from]) => minor(from) <= target)?.[1] ?? undefined;
    const ajv = new Ajv({
        allErrors: true,
        strict: false,
        meta: false,
        validateSchema: false,
        addUsedSchema: false,
        code: { optimize: false },
    });
    const compiled = new Map<string, ValidateFunction>();
    const validatorOf = (name: string): ValidateFunction => {
        let validate = compiled.get(name);
        if (validate === undefined) compiled.set(name, (validate = ajv.compile(prepared(name, schemaOf(name) ?? {}))));
        return validate;
    };
    // Not `$ref`, which would compile everything that can be reached at once.
    // The errors of keywords go here: ajv would copy all that it has at each part with one.
    let found: ErrorObject[] = [];
    ajv.addKeyword({
        keyword: "is",
        errors: false,
        compile: (name: string) => {
            let validate: ValidateFunction | undefined;
            return (data: unknown, context?: DataValidationCxt): boolean => {
                if (data === UNKNOWN || data === null) return true;
                validate ??= validatorOf(name);
                if (!validate(data, context)) for (const error of validate.errors ?? []) found.push(error);
                return true;
            };
        },
    });
    const report = (error: ErrorObject): void => void found.push(error);
    ajv.addKeyword({
        keyword: "form",
        errors: false,
        compile: (name: FormName) => (data: unknown) => hasForm(formIn(name, target), data),
        error: { message: "", params: ({ schema }) => _`{form: ${schema as string}}` },
    });
    ajv.addKeyword(errorsKeyword(report, "needs", "object", isNeeded));
    ajv.addKeyword(errorsKeyword(report, "fields", "object", isKnown));
    ajv.addKeyword(errorsKeyword(report, "keys", "array", isUnique));
    ajv.addKeyword(
        errorsKeyword(report, "definition", "object", (name: string) => {
            const find = CHECKS[name];
            return function* (data, root) {
                for (const { at, message } of find?.(data as Tree, { version: target, root: root as Tree }) ?? [])
                    yield { at, params: { message } };
            };
        }),
    );
    const served = (apiVersion: string, kind: string): AnySchemaObject | undefined =>
        schemaOf(kinds[`${apiVersion} ${kind}`] ?? "");
    const run = (name: string, data: unknown): readonly ErrorObject[] => {
        found = [];
        const validate = validatorOf(name);
        return validate(data) ? found : [...found, ...(validate.errors ?? [])];
    };
    return {
        serves: (apiVersion, kind) => {
            const name = `${apiVersion} ${kind}`;
            return Object.hasOwn(kinds, name) ? served(apiVersion, kind) !== undefined : undefined;
        },
        errors: (apiVersion, kind, body) => run(kinds[`${apiVersion} ${kind}`] ?? "", body),
        metadataErrors: (metadata) => (metadata === undefined ? [] : run("meta.v1.ObjectMeta", metadata)),
    };
}

/** A keyword that reports errors at places below the data, each with parameters, and itself always holds. */
function errorsKeyword<T>(
    report: (error: ErrorObject) => void,
    keyword: string,
    type: "array" | "object",
    make: (
        schema: T,
    ) => (data: unknown, root: unknown) => Iterable<{ readonly at: string; readonly params: Record<string, unknown> }>,
) {
    return {
        keyword,
        type,
        errors: false as const,
        compile: (schema: T) => {
            const find = make(schema);
            return (data: unknown, context?: DataValidationCxt): boolean => {
                for (const { at, params } of find(data, context?.rootData))
                    report({ keyword, params, schemaPath: "", instancePath: `${context?.instancePath ?? ""}${at}` });
                return true;
            };
        },
    };
}

/** Instead of `additionalProperties: false`, so that the error knows what was meant. */
function isKnown(fields: readonly string[]) {
    const known = new Set(fields);
    return function* (data: unknown) {
        for (const field of Object.keys(data as object))
            if (!known.has(field))
                yield { at: `/${field.replaceAll("~", "~0").replaceAll("/", "~1")}`, params: { field, fields } };
    };
}

function isNeeded(fields: readonly string[]) {
    return function* (data: unknown) {
        for (const field of fields) {
            const value = (data as Record<string, unknown>)[field];
            if (value === undefined || value === null || value === "") yield { at: `/${field}`, params: { field } };
        }
    };
}

/** Entries of a list that the API server tells apart by some fields, or as a whole where none are named. */
function isUnique(fields: readonly string[]) {
    const DEFAULTS: Readonly<Record<string, unknown>> = { protocol: "TCP" };
    return function* (data: unknown) {
        const list = data as readonly unknown[];
        if (list.length < 2) return;
        const seen = new Set<string>();
        for (const [index, item] of list.entries()) {
            const values =
                fields.length === 0
                    ? [item]
                    : isTree(item)
                      ? fields.map((field) => item[field] ?? DEFAULTS[field])
                      : [];
            if (values.length === 0 || values.some((value) => !["string", "number", "boolean"].includes(typeof value)))
                continue;
            const key = JSON.stringify(values);
            if (seen.has(key)) yield { at: `/${index}`, params: { fields } };
            seen.add(key);
        }
    };
}

function minor(version: string): number {
    return Number(version.split(".")[1]);
}

const INT32 = { minimum: -(2 ** 31), maximum: 2 ** 31 - 1 };

/** A definition as ajv takes it. */
function prepared(name: string, schema: AnySchemaObject): AnySchemaObject {
    if (name === "api.resource.Quantity") return { type: ["string", "number"], form: "quantity" };
    if (name === "util.intstr.IntOrString") return { type: ["string", "integer"], ...INT32 };
    const forms = FORMS[name] ?? {};
    const properties = Object.entries((schema["properties"] ?? {}) as Record<string, AnySchemaObject>).map(
        ([field, property]) => [field, takesEmpty({ ...preparedField(property), ...forms[field] })] as const,
    );
    const required = [...new Set([...((schema["required"] ?? []) as readonly string[]), ...(REQUIRED[name] ?? [])])];
    // What a controller reports of an object is none of the writer's business.
    const needs = /(Status|Condition)$/.test(name) ? [] : required.filter((field) => !OPTIONAL[name]?.includes(field));
    return {
        ...preparedField(schema),
        ...(properties.length === 0
            ? {}
            : { properties: Object.fromEntries(properties), fields: properties.map(([field]) => field) }),
        ...(needs.length === 0 ? {} : { needs }),
        ...(CHECKS[name] === undefined ? {} : { definition: name }),
    };
}

/** An empty text is none, which the API server fills with the default. */
function takesEmpty(schema: AnySchemaObject): AnySchemaObject {
    const values = schema["enum"] as readonly string[] | undefined;
    return values === undefined ? schema : { ...schema, enum: ["", ...values] };
}

function preparedField(schema: AnySchemaObject): AnySchemaObject {
    const { type, is, enum: values, keys, format, items, additionalProperties } = schema as Field;
    const known = {
        type,
        is,
        enum: values,
        keys,
        form: format === "byte" || format === "date-time" ? format : undefined,
    };
    return {
        ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
        ...(format === "int32" ? INT32 : {}),
        ...(items === undefined ? {} : { items: preparedField(items) }),
        ...(additionalProperties === undefined ? {} : { additionalProperties: preparedField(additionalProperties) }),
    };
}
