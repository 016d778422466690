/** The configuration of a stack, read without the Pulumi CLI and without the key of its encrypted values. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

/** A YAML or JSON map. */
export type Tree = Readonly<Record<string, unknown>>;

/** A Pulumi project with the configuration of one of its stacks. */
export interface StackProject {
    readonly name: string;
    /** Path of the program's entry module, absolute. */
    readonly main: string;
    /** What the program reads: strings by qualified key, objects and lists as JSON. */
    readonly config: Record<string, string>;
    /** Keys whose values the stack file encrypts: they are left out. */
    readonly encrypted: readonly string[];
}

/** The value as a map; anything else counts as an empty one. */
export function treeOf(value: unknown): Tree {
    return isTree(value) ? value : {};
}

export function isTree(value: unknown): value is Tree {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml`.
 * @param overrides values as `key=value`; they win over the file's
 * @throws Error when a file is missing or an override has no `=`
 */
export function readStack(directory: string, stack: string, overrides: readonly string[]): StackProject {
    const project = treeOf(parse(readFileSync(path.join(directory, "Pulumi.yaml"), "utf8")));
    const file = path.join(directory, `Pulumi.${stack}.yaml`);
    if (!existsSync(file)) throw new Error(`there is no stack ${stack}: ${file} does not exist`);
    const defaults = Object.entries(treeOf(project["config"])).map(([key, item]): readonly [string, unknown] => [
        key,
        treeOf(item)["default"],
    ]);
    const own = treeOf(treeOf(parse(readFileSync(file, "utf8")))["config"]);
    const encrypted = Object.keys(own).filter((key) => isSecure(own[key]));
    const given = overrides.map((text): readonly [string, string] => {
        const [, key, value] = /^([^=\s]+)=(.*)$/s.exec(text) ?? [];
        if (key === undefined || value === undefined) throw new Error(`${text} is not of the form key=value`);
        return [key, value];
    });
    const { name, main = "index.ts" } = project as { readonly name: string; readonly main?: string };
    const values = [...defaults, ...Object.entries(withoutSecure(own)), ...given];
    const config = Object.fromEntries(
        values
            .filter(([, value]) => value !== undefined && value !== null)
            .map(([key, value]) => [
                key.includes(":") ? key : `${name}:${key}`,
                typeof value === "string" ? value : JSON.stringify(value),
            ]),
    );
    return { name, main: path.resolve(directory, main), config, encrypted };
}

/** The configuration as if its encrypted keys were not set; encrypted members of objects become a placeholder. */
export function withoutSecure(config: Tree): Tree {
    const open = Object.entries(config).filter(([, value]) => !isSecure(value));
    return Object.fromEntries(open.map(([key, value]) => [key, filled(value)]));
}

function filled(value: unknown): unknown {
    if (isSecure(value)) return "placeholder";
    if (Array.isArray(value)) return value.map(filled);
    if (!isTree(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item)]));
}

function isSecure(value: unknown): boolean {
    return isTree(value) && Object.keys(value).join() === "secure";
}
