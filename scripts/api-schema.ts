/**
 * `npm run schema`: writes `policy-pack/api/schema.json`, what the OpenAPI documents of Kubernetes say of every kind, in
 * each version that the pack can check for. The documents come from the Go modules of the releases below.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Command } from "commander";

/** Releases of `k8s.io/kubernetes`, with the hashes that go.sum would have. */
export const RELEASES: readonly { readonly version: string; readonly sum: string }[] = [
    { version: "v1.30.14", sum: "h1:MrlKXh9uhLIJpyxOeXhcndzRVSvwiV9iJ8NgH8nqPsg=" },
    { version: "v1.31.14", sum: "h1:UtjLfqvXLuSVDdJ4+NpQCIfFkKkLnAAVmxAEMsnkhjk=" },
    { version: "v1.32.13", sum: "h1:5TGYdZ6YZqdp6h/Rp1vX/4TIoybMPdgv97LCZCtPuNQ=" },
    { version: "v1.33.13", sum: "h1:bmH31xUdSzeA5vk0wZAK9MZp11mdLuzUSeKk0qN3hPQ=" },
    { version: "v1.34.4", sum: "h1:Yy6R4QB8C9kJPp25GFqEvX5XQwY5qzKeqD0Xx6oAcmk=" },
    { version: "v1.35.4", sum: "h1:o/8dBC/pHVpYoGV4OAIytAlNPZbdYVTXJHoYvXC4qzM=" },
    { version: "v1.36.3", sum: "h1:qDQdoMiluAE2Eab6Fa52YV+WjiGz9mZFFoagEA6cI+o=" },
];

export const schemaFile = path.resolve(import.meta.dirname, "../policy-pack/api/schema.json");

type Schema = Readonly<Record<string, unknown>>;

/** What one release says: the definition of each kind by `apps/v1 Deployment`, and all definitions by name. */
export interface Documents {
    readonly kinds: Readonly<Record<string, string>>;
    readonly definitions: Readonly<Record<string, Schema>>;
}

/** The file: definitions that did not change between releases are there once, `from` the first that has them. */
export interface SchemaFile {
    readonly versions: readonly string[];
    readonly kinds: Readonly<Record<string, string>>;
    /** Of each definition its forms, oldest first; `null` where a release no longer has it. */
    readonly definitions: Readonly<Record<string, readonly (readonly [from: string, schema: Schema | null])[]>>;
}

/** Reduces the documents in a module's directory. */
export function reduce(module: string): Documents {
    const document = JSON.parse(readFileSync(path.join(module, "api/openapi-spec/swagger.json"), "utf8")) as {
        definitions: Record<string, Schema>;
    };
    const enums = enumsIn(readFileSync(path.join(module, "pkg/generated/openapi/zz_generated.openapi.go"), "utf8"));
    const all = new Map(Object.entries(document.definitions).map(([name, schema]) => [shortName(name), schema]));
    const kinds: Record<string, string> = {};
    for (const [name, schema] of all) {
        const served = (schema["x-kubernetes-group-version-kind"] ?? []) as readonly Record<string, string>[];
        const [only] = served;
        // What every group has (DeleteOptions, WatchEvent) is no object of a manifest, and lists are taken apart before.
        if (only === undefined || served.length > 1 || name.endsWith("List") || !hasMetadata(schema)) continue;
        kinds[`${only["group"] === "" ? "" : `${only["group"]}/`}${only["version"]} ${only["kind"]}`] = name;
    }
    const definitions: Record<string, Schema> = {};
    const add = (name: string): void => {
        if (name in definitions) return;
        const schema = all.get(name);
        if (schema === undefined) throw new Error(`the documents have no definition ${name}`);
        definitions[name] = reduced(schema, enums.get(name) ?? new Map<string, readonly string[]>());
        for (const [, other = ""] of JSON.stringify(definitions[name]).matchAll(/"is":"([^"]+)"/g)) add(other);
    };
    Object.values(kinds).forEach(add);
    return { kinds: sorted(kinds), definitions: sorted(definitions) };
}

/** One file of the documents of all releases, oldest first. */
export function merge(releases: readonly (readonly [version: string, documents: Documents])[]): SchemaFile {
    const names = new Set(releases.flatMap(([, { definitions }]) => Object.keys(definitions)));
    const definitions: Record<string, (readonly [string, Schema | null])[]> = {};
    for (const name of [...names].sort()) {
        const forms: (readonly [string, Schema | null])[] = [];
        for (const [version, documents] of releases) {
            const schema = documents.definitions[name] ?? null;
            const last = forms.at(-1)?.[1] ?? null;
            if (JSON.stringify(schema) !== JSON.stringify(last)) forms.push([version, schema]);
        }
        definitions[name] = forms;
    }
    const kinds = Object.assign({}, ...releases.map(([, documents]) => documents.kinds)) as Record<string, string>;
    return { versions: releases.map(([version]) => version), kinds: sorted(kinds), definitions };
}

/** `1.36` of `v1.36.3`. */
export function minorOf(version: string): string {
    return version.replace(/^v(\d+\.\d+)\..*$/, "$1");
}

/** The file as text: one line for each definition, so that a new release is readable as a diff. */
export function textOf({ versions, kinds, definitions }: SchemaFile): string {
    const lines = (entries: Readonly<Record<string, unknown>>): string =>
        Object.entries(entries)
            .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
            .join(",\n");
    return `{"versions":${JSON.stringify(versions)},\n"kinds":{\n${lines(kinds)}\n},\n"definitions":{\n${lines(definitions)}\n}}\n`;
}

/** The last three parts of a name, which are unique: `apps.v1.Deployment` of `io.k8s.api.apps.v1.Deployment`. */
function shortName(name: string): string {
    return name.split(".").slice(-3).join(".");
}

function hasMetadata(schema: Schema): boolean {
    return Object.hasOwn(schema["properties"] ?? {}, "metadata");
}

function reduced(schema: Schema, enums: ReadonlyMap<string, readonly string[]>): Schema {
    const { $ref, type, format, properties, required, items, additionalProperties } = schema;
    const list = schema["x-kubernetes-list-type"];
    const keys = schema["x-kubernetes-list-map-keys"];
    if (typeof $ref === "string") return { is: shortName($ref) };
    return {
        ...(type === undefined ? {} : { type }),
        ...(format === undefined ? {} : { format }),
        ...(required === undefined ? {} : { required }),
        ...(items === undefined ? {} : { items: reduced(items as Schema, new Map()) }),
        ...(additionalProperties === undefined
            ? {}
            : { additionalProperties: reduced(additionalProperties as Schema, new Map()) }),
        ...(list === "map" ? { keys } : list === "set" ? { keys: [] } : {}),
        ...(properties === undefined
            ? {}
            : {
                  properties: sorted(
                      Object.fromEntries(
                          Object.entries(properties as Record<string, Schema>).map(([name, property]) => [
                              name,
                              withEnum(reduced(property, new Map()), enums.get(name)),
                          ]),
                      ),
                  ),
              }),
    };
}

function withEnum(schema: Schema, values: readonly string[] | undefined): Schema {
    if (values === undefined) return schema;
    return schema["items"] === undefined
        ? { ...schema, enum: values }
        : { ...schema, items: { ...(schema["items"] as Schema), enum: values } };
}

/** The documents leave enums out; the Go code that they are made from has them. By definition and property. */
function enumsIn(code: string): Map<string, Map<string, readonly string[]>> {
    const found = new Map<string, Map<string, readonly string[]>>();
    let [definition, property] = ["", ""];
    for (const line of code.split("\n")) {
        const start = /^func schema_(\w+)\(/.exec(line)?.[1];
        if (start !== undefined) definition = start.split("_").slice(-3).join(".");
        property = /^\t{5}"([^"]+)": \{$/.exec(line)?.[1] ?? property;
        const values = /^\t+Enum:\s+\[\]interface\{\}\{(.*)\},$/.exec(line)?.[1];
        if (values === undefined) continue;
        const properties = found.get(definition) ?? new Map<string, readonly string[]>();
        properties.set(property, JSON.parse(`[${values}]`) as string[]);
        found.set(definition, properties);
    }
    return found;
}

function sorted<T>(entries: Readonly<Record<string, T>>): Record<string, T> {
    return Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Gets a release into the module cache. Throws where it is not the one that is pinned. */
export function download(version: string, sum: string): string {
    const output = execFileSync("go", ["mod", "download", "-json", `k8s.io/kubernetes@${version}`], {
        cwd: os.tmpdir(),
        encoding: "utf8",
    });
    const module = JSON.parse(output) as { Dir: string; Sum: string };
    if (module.Sum !== sum) throw new Error(`k8s.io/kubernetes@${version} has the hash ${module.Sum}, not ${sum}`);
    return module.Dir;
}

if (import.meta.main) {
    new Command("schema")
        .description(
            "Writes policy-pack/api/schema.json from the OpenAPI documents of Kubernetes, whose modules it downloads.",
        )
        .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
        .parse();
    const releases = RELEASES.map(({ version, sum }) => [minorOf(version), reduce(download(version, sum))] as const);
    writeFileSync(schemaFile, textOf(merge(releases)));
    console.log(`policy-pack/api/schema.json is written`);
}
