/** The configuration of a stack, read without the Pulumi CLI and without the key of its encrypted values. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { readStackFile } from "../../local/pulumi/stackFile.ts";
import { isTree } from "../../policy-pack/model/view.ts";

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

type Project = { readonly name: string; readonly main?: string; readonly config?: Tree };

/**
 * Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml`.
 * @param overrides values as `key=value`; they win over the file's
 * @throws Error when a file is missing or is not what it should be
 */
export function readStack(directory: string, stack: string, overrides: readonly string[]): StackProject {
    // The Pulumi CLI checks this file.
    const project = parse(readFileSync(path.join(directory, "Pulumi.yaml"), "utf8")) as Project;
    const { name, main = "index.ts", config: keys = {} } = project;
    const { config: own } = readStackFile(path.join(directory, `Pulumi.${stack}.yaml`), name);
    const defaults = Object.entries(keys).map(([key, item]) => [key, isTree(item) ? item["default"] : null] as const);
    const encrypted = Object.keys(own).filter((key) => isSecure(own[key]));
    const readable = Object.entries(own).filter(([key]) => !encrypted.includes(key));
    const given = overrides.map((text) => /^([^=]*)=(.*)$/s.exec(text)!.slice(1) as [string, string]);
    const values = [...defaults, ...readable, ...given].filter(([, value]) => value !== undefined && value !== null);
    const config = Object.fromEntries(
        values.map(([key, value]) => [
            key.includes(":") ? key : `${name}:${key}`,
            typeof value === "string" ? value : JSON.stringify(value, withoutEncrypted),
        ]),
    );
    return { name, main: path.resolve(directory, main), config, encrypted };
}

/** An encrypted member of a value becomes a placeholder. */
function withoutEncrypted(_: string, member: unknown): unknown {
    return isSecure(member) ? "placeholder" : member;
}

function isSecure(value: unknown): boolean {
    return isTree(value) && Object.keys(value).join() === "secure";
}
