/** Rules over the values that a stack gives to the chart. No message shows a value: it may be a password. */
import { chartDirectory, chartDirectoryError, isEmbedded } from "../chart.ts";
import { schemaViolations, type Violation, withDefaults } from "../chartSchema.ts";
import { programValues, stackValues } from "../chartValues.ts";
import { inTurn, keyPath, remove, set } from "../errors/commands.ts";
import { nearest } from "../errors/names.ts";
import type { Path } from "../tree.ts";
import { isObject, type JsonObject, valueAt } from "../values.ts";
import { located, type Located, ownedErrors } from "./chartOwned.ts";
import { podErrors } from "./chartPods.ts";
import { resourceErrors } from "./chartResources.ts";
import { type Configuration, type Rule } from "./rule.ts";

/** A Release gives no null to Helm, so that a default which it should remove stays. */
function nullErrors(value: unknown, path: Path = []): readonly Located[] {
    if (value === null) return [located(path, "is null (the key has no value): the chart's default stays", remove)];
    if (typeof value !== "object") return [];
    const entries: readonly (readonly [PropertyKey, unknown])[] = Array.isArray(value)
        ? [...value.entries()]
        : Object.entries(value);
    return entries.flatMap(([name, child]) => nullErrors(child, [...path, name]));
}

/** A value that is no object, where it would replace an object with what the program says. */
function shapeErrors(values: unknown, own: JsonObject, path: Path = []): readonly Located[] {
    if (values === undefined || values === null) return [];
    if (!isObject(values)) return [located(path, "must be an object", remove)];
    return Object.entries(own).flatMap(([name, child]) =>
        isObject(child) ? shapeErrors(values[name], child, [...path, name]) : [],
    );
}

/** What a chart that can be read says of the values, and the amounts among them. */
function contentErrors({ settings: { chart } }: Configuration, own: JsonObject): readonly Located[] {
    const directory = chartDirectory(chart);
    if (directory === undefined || chartDirectoryError(chart) !== undefined)
        return [...resourceErrors(chart.values, chart.values), ...podErrors(chart.values)];
    // Only a value of the stack can be wrong in the chart of this repository.
    if (isEmbedded(directory) && Object.keys(chart.values).length === 0) return [];
    try {
        const all = withDefaults(directory, stackValues(own, chart.values));
        const refused = schemaViolations(directory, all).map((violation) =>
            violationError(violation, chart.values, directory),
        );
        const keys = new Set(refused.map(({ key }) => key));
        const further = [...resourceErrors(chart.values, all), ...podErrors(chart.values)];
        return [...refused, ...further.filter(({ key }) => !keys.has(key))];
    } catch (error) {
        const problem = `is ${directory}, whose values.yaml or values.schema.json cannot be read: ${(error as Error).message}`;
        return [{ path: [], key: "chart.path", problem, fix: remove("chart.path") }];
    }
}

/** The error in words of the configuration: what the stack gives under its key, the rest under the chart's. */
function violationError(violation: Violation, values: JsonObject, directory: string): Located {
    const { path, problem, known, schema } = violation;
    const given = valueAt(values, path);
    if (given === undefined && problem !== "is missing") {
        const place = path.length > 0 ? keyPath(path) : "the values as a whole";
        const key = "chart.path";
        const text = `is ${directory}, whose values.schema.json refuses ${place}, which this stack does not set: it ${problem}`;
        return { path, key, problem: text, fix: remove(key) };
    }
    const near = known && nearest(String(path.at(-1)), known);
    if (near !== undefined) {
        const meant = keyPath(["chart", "values", ...path.slice(0, -1), near]);
        const moved = typeof given === "number" || typeof given === "boolean" ? given : `<${near}>`;
        return located(path, `${problem}; did you mean ${meant}?`, (key) =>
            isTree(given) ? remove(key) : inTurn(remove(key), set(meant, moved)),
        );
    }
    const source = typeof schema["description"] === "string" ? schema["description"] : "values.schema.json";
    return located(path, `${problem} (${source})`, (key) =>
        isTree(given) || known !== undefined ? remove(key) : set(key, placeholder(path, schema, given)),
    );
}

function isTree(value: unknown): boolean {
    return typeof value === "object";
}

function placeholder(path: Path, schema: JsonObject, given: unknown): string | number | boolean {
    const { const: only, enum: options, type } = schema;
    if (typeof only === "string" || typeof only === "number" || typeof only === "boolean") return only;
    if (Array.isArray(options)) return `<${options.join("|")}>`;
    if (type === "boolean") return "<true|false>";
    if (type === "string" && (typeof given === "number" || typeof given === "boolean")) return String(given);
    if (type === "integer") return typeof given === "string" && /^\d{1,9}$/.test(given) ? Number(given) : "<integer>";
    return `<${String(path.at(-1))}>`;
}

export const valuesFit: Rule = (configuration) => {
    const { settings, secrets } = configuration;
    const { chart, database, redis } = settings;
    const directory = chartDirectory(chart);
    const own = programValues({
        embedded: directory !== undefined && isEmbedded(directory),
        databaseName: database.name,
        maxConnections: database.maxConnections,
        postgresPassword: secrets.databaseUrl === undefined ? "password" : undefined,
        externalRedis: secrets.redisUrl !== undefined,
        redisPassword: redis.auth.enabled ? "password" : undefined,
        passwordChecksum: "checksum",
        imageRegistry: settings.imageRegistry,
        imagePullSecrets: settings.imagePullSecrets,
        priorityClassName: settings.priorityClassName,
    });
    const errors = [...ownedErrors(chart.values), ...nullErrors(chart.values), ...shapeErrors(chart.values, own)];
    const isSaid = (path: Path): boolean =>
        errors.some((error) => error.path.every((part, index) => part === path[index]));
    const further = contentErrors(configuration, own).filter(({ path }) => !isSaid(path));
    return [...errors, ...further].map(({ key, problem, fix }) => ({ key, problem, fix }));
};
