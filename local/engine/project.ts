/** Reads a Pulumi project and one of its stacks: Pulumi.yaml, Pulumi.<stack>.yaml and what the command line adds. */
import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { parsePath, setMember } from "./config-path.ts";
import { containsSecure, decrypted } from "./encrypted.ts";
import { EngineError, UsageError, messageOf } from "./errors.ts";
import type { Crypter } from "./secrets/passphrase.ts";
import { isObject, textOf } from "./values.ts";

/** One configuration value as the program gets it: a string, for objects their JSON. */
export interface ConfigValue {
    readonly text: string;
    readonly secret: boolean;
    /** The texts in it that must not be shown: all of it, or the encrypted members of an object. */
    readonly hidden: readonly string[];
}

/** A project as `Pulumi.yaml` describes it. */
export interface Project {
    readonly name: string;
    /** Directory of Pulumi.yaml, absolute. */
    readonly directory: string;
    /** The entry module, as given by `main`; default: the directory itself. */
    readonly main: string;
    /** Whether the SDK compiles TypeScript; `options.typescript`, default true as in Pulumi. */
    readonly typescript: boolean;
    readonly schema: Readonly<Record<string, unknown>>;
}

/** A stack's settings file, still encrypted. */
export interface StackFile {
    readonly file: string;
    /** What encrypts its secrets. `undefined`: Pulumi Cloud, or a passphrase where there is a salt. */
    readonly secretsProvider: string | undefined;
    readonly encryptionSalt: string | undefined;
    readonly config: Readonly<Record<string, unknown>>;
}

/** Reads Pulumi.yaml in `directory`. Throws when it is missing, broken or for another language. */
export function readProject(directory: string): Project {
    const file = path.join(directory, "Pulumi.yaml");
    if (!fs.existsSync(file)) throw new UsageError(`${file} does not exist: give the project's directory with --cwd`);
    const content = readYaml(file);
    const runtime = content["runtime"];
    const runtimeName = isObject(runtime) ? runtime["name"] : runtime;
    if (runtimeName !== "nodejs") {
        throw new EngineError(
            `${file}: the embedded engine runs programs with runtime nodejs, not ${String(runtimeName)}`,
        );
    }
    const options = isObject(runtime) && isObject(runtime["options"]) ? runtime["options"] : {};
    const name = content["name"];
    if (typeof name !== "string" || name === "") throw new EngineError(`${file}: "name" is missing`);
    return {
        name,
        directory,
        main: typeof content["main"] === "string" ? content["main"] : ".",
        typescript: options["typescript"] !== false,
        schema: isObject(content["config"]) ? content["config"] : {},
    };
}

/** Reads `Pulumi.<stack>.yaml`. A file that does not exist is a stack that was never set up: an error that lists those that are. */
export function readStackFile(project: Project, stack: string): StackFile {
    if (!/^[A-Za-z0-9_.-]{1,100}$/.test(stack)) {
        throw new UsageError(`"${stack}" is not a stack name: letters, digits, dots, hyphens and underscores`);
    }
    const file = path.join(project.directory, `Pulumi.${stack}.yaml`);
    if (!fs.existsSync(file)) {
        const known = fs
            .readdirSync(project.directory)
            .map((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1])
            .filter((name) => name !== undefined);
        throw new UsageError(
            `no stack "${stack}": ${file} does not exist; stacks here: ${known.sort().join(", ") || "none"}`,
        );
    }
    const content = readYaml(file);
    const provider = content["secretsprovider"];
    const salt = content["encryptionsalt"];
    const config = content["config"];
    if (config !== undefined && config !== null && !isObject(config))
        throw new EngineError(`${file}: "config" must be a map`);
    return {
        file,
        secretsProvider: typeof provider === "string" ? provider : undefined,
        encryptionSalt: typeof salt === "string" ? salt : undefined,
        config: isObject(config) ? config : {},
    };
}

/** What the command line sets, in order: a key, the steps to a member of its value (none: the whole), the text. */
export type ConfigArguments = readonly {
    readonly key: string;
    readonly steps: readonly (string | number)[];
    readonly text: string;
}[];

/**
 * Parses `key=value` arguments. Throws a {@link UsageError} for one without `=` or with an empty key.
 * @param paths whether keys are paths to members of objects and lists (`--config-path`)
 */
export function parseConfigArguments(args: readonly string[], paths = false): ConfigArguments {
    return args.map((arg) => {
        const at = arg.indexOf("=");
        const given = arg.slice(0, at);
        const [key, ...steps] = paths && at > 0 ? parsePath(given) : [given];
        if (at < 1 || !/^([^:\s]+:)?[^:\s]+$/.test(key)) {
            throw new UsageError(`--config ${at < 1 ? arg : key}: expected key=value or namespace:key=value`);
        }
        return { key, steps, text: arg.slice(at + 1) };
    });
}

/**
 * The configuration that the program gets: defaults of the project, over them the stack's file, over it the command
 * line. Types are checked against the project's schema; all faults are reported at once.
 */
export function mergeConfig(
    project: Project,
    stackFile: StackFile,
    args: ConfigArguments,
    crypter: Crypter | undefined,
): Map<string, ConfigValue> {
    const merged = new Map<string, ConfigValue>();
    const faults: string[] = [];
    const qualified = (key: string): string => (key.includes(":") ? key : `${project.name}:${key}`);
    for (const [key, declared] of Object.entries(project.schema)) {
        const value = isObject(declared) ? (declared["value"] ?? declared["default"]) : declared;
        if (value !== undefined && value !== null)
            merged.set(qualified(key), { text: asText(value), secret: false, hidden: [] });
    }
    for (const [key, value] of Object.entries(stackFile.config)) {
        if (value === null || value === undefined) continue;
        try {
            const hidden: string[] = [];
            const text = asText(decrypted(value, crypter, hidden));
            merged.set(qualified(key), { text, secret: containsSecure(value), hidden });
        } catch (error) {
            throw new EngineError(`${stackFile.file}: ${key}: ${messageOf(error)}`);
        }
    }
    for (const { key, steps, text } of args) {
        const declared = project.schema[key];
        const before = merged.get(qualified(key));
        const hidden = before?.secret === true || (isObject(declared) && declared["secret"] === true);
        const value = steps.length === 0 ? text : setMember(before?.text, steps, text);
        const texts = steps.length === 0 ? [text] : [...(before?.hidden ?? []), text];
        merged.set(qualified(key), { text: value, secret: hidden, hidden: hidden ? texts : [] });
    }
    for (const [key, declared] of Object.entries(project.schema)) {
        if (!isObject(declared) || (key.includes(":") && !key.startsWith(`${project.name}:`))) continue;
        const fault = faultOf(key, declared, merged.get(qualified(key)));
        if (fault !== undefined) faults.push(fault);
    }
    if (faults.length > 0)
        throw new EngineError(`${stackFile.file}:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
    return merged;
}

/** What is wrong with a value by its declaration, by the rules of the official CLI. */
function faultOf(key: string, declared: Record<string, unknown>, value: ConfigValue | undefined): string | undefined {
    const flag = declared["secret"] === true ? "--secret " : "";
    if (value === undefined) return `${key} is missing; set it with: pulumi config set ${flag}${key} <value>`;
    if (declared["type"] === undefined) return undefined;
    if (!hasType(value.text, declared["type"])) return `${key} must be of type ${textOf(declared["type"])}`;
    if (flag === "" || value.secret) return undefined;
    return `${key} is a secret and must be encrypted: pulumi config set --secret ${key}`;
}

function readYaml(file: string): Record<string, unknown> {
    let content: unknown;
    try {
        content = parse(fs.readFileSync(file, "utf8"));
    } catch (error) {
        throw new EngineError(`${file} is not valid YAML: ${messageOf(error)}`);
    }
    if (content === null || content === undefined) return {};
    if (!isObject(content)) throw new EngineError(`${file}: expected a map`);
    return content;
}

function asText(value: unknown): string {
    return typeof value === "string" ? value : JSON.stringify(value);
}

function hasType(text: string, type: unknown): boolean {
    switch (type) {
        case "integer":
            return /^[+-]?\d+$/.test(text);
        case "boolean":
            return text === "true" || text === "false";
        case "array":
        case "object": {
            const parsed = parseJson(text);
            return type === "array" ? Array.isArray(parsed) : isObject(parsed);
        }
        default:
            return true;
    }
}

function parseJson(text: string): unknown {
    try {
        return JSON.parse(text) as unknown;
    } catch {
        return undefined;
    }
}
