/** Checks values against the JSON Schema that a chart brings (`values.schema.json`), as Helm does before it renders. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { Ajv, ErrorObject, Options } from "ajv";
import { chartDirectory, chartDirectoryError } from "./chart.ts";
import { mergeValues } from "./chartValues.ts";
import type { Settings } from "./schema.ts";
import type { Path } from "./tree.ts";
import { isObject, type JsonObject, valueAt } from "./values.ts";
import { parseYaml } from "./yaml.ts";

/** A value that the schema refuses. */
export interface Violation {
    /** Path among the chart's values. */
    readonly path: Path;
    /** What is wrong, as the rest of a sentence; never shows the value. */
    readonly problem: string;
    /** Names that are known where this one is not. */
    readonly known?: readonly string[];
    /** The schema of the value. */
    readonly schema: JsonObject;
}

/** For what is needed only where there is something to check: loading it takes longer than the rest of the configuration. */
const load = createRequire(import.meta.url);

/** Keywords that only say that one of the schemas below them refuses the value. */
const combining: ReadonlySet<string> = new Set(["anyOf", "oneOf", "allOf", "if"]);

/**
 * Values over the defaults of the chart in a directory.
 * @throws Error where its values.yaml cannot be read
 */
export function withDefaults(directory: string, values: JsonObject): JsonObject {
    const file = path.join(directory, "values.yaml");
    const defaults = existsSync(file) ? parseYaml(readFileSync(file, "utf8")) : undefined;
    return isObject(defaults) ? mergeValues(defaults, values) : values;
}

/** All values of a chart in a directory, and what the stack says of any other one. */
export function knownValues(chart: Settings["chart"], values: JsonObject = chart.values): JsonObject {
    const directory = chartDirectory(chart);
    if (directory === undefined || chartDirectoryError(chart) !== undefined) return values;
    try {
        return withDefaults(directory, values);
    } catch {
        return values; // Its values.yaml cannot be read, which is an error of its own.
    }
}

/**
 * What the chart in a directory does not accept among `all`, its values as a whole. Nothing where it has no schema, or
 * one that is not for this library (draft 4, patterns that only Go knows): Helm then finds the errors.
 * @throws Error where its values.schema.json cannot be read
 */
export function schemaViolations(directory: string, all: JsonObject): readonly Violation[] {
    const schema = readJson(path.join(directory, "values.schema.json"));
    if (schema === undefined) return [];
    const errors = validate(schema, all);
    const telling = errors.filter(({ keyword }) => !combining.has(keyword));
    return (telling.length > 0 ? telling : errors).map((error) => violation(error, all));
}

function readJson(file: string): JsonObject | undefined {
    if (!existsSync(file)) return undefined;
    const content: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isObject(content) ? content : undefined;
}

function validate({ $schema, ...schema }: JsonObject, values: JsonObject): readonly ErrorObject[] {
    const options: Options = { allErrors: true, verbose: true, strict: false, validateFormats: false, logger: false };
    try {
        const validator = new (implementation($schema))({ ...options, unicodeRegExp: false }).compile(schema);
        validator(values);
        return validator.errors ?? [];
    } catch {
        return [];
    }
}

function implementation(dialect: unknown): typeof Ajv {
    const name = /2019-09/.test(String(dialect)) ? "2019" : /draft-0[3-7]/.test(String(dialect)) ? "ajv" : "2020";
    return (load(`ajv/dist/${name}.js`) as { default: typeof Ajv }).default;
}

function violation(
    { keyword, instancePath, params, message = "", parentSchema }: ErrorObject,
    all: unknown,
): Violation {
    const at = pathOf(instancePath, all);
    const schema = (isObject(parentSchema) ? parentSchema : {}) as JsonObject;
    const given = params as Readonly<Record<string, unknown>>;
    switch (keyword) {
        case "additionalProperties":
        case "unevaluatedProperties": {
            const name = String(given["additionalProperty"] ?? given["unevaluatedProperty"]);
            const known = isObject(schema["properties"]) ? Object.keys(schema["properties"]) : [];
            return { path: [...at, name], problem: "is not a value of the chart", known, schema: {} };
        }
        case "required":
            return { path: [...at, String(given["missingProperty"])], problem: "is missing", schema: {} };
        case "enum":
            return { path: at, problem: `must be one of ${texts(given["allowedValues"])}`, schema };
        case "const":
            return { path: at, problem: `must be ${texts([given["allowedValue"]])}`, schema };
        default:
            return { path: at, problem: message.replace("NOT", "not"), schema };
    }
}

function texts(values: unknown): string {
    return (values as readonly unknown[]).map((value) => JSON.stringify(value)).join(", ");
}

/** A JSON pointer as a path; only below a list is a number an index. */
function pathOf(pointer: string, root: unknown): Path {
    return pointer
        .split("/")
        .slice(1)
        .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
        .reduce<Path>((path, part) => [...path, Array.isArray(valueAt(root, path)) ? Number(part) : part], []);
}
