/** Configurations of real stacks, with changes. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { type Parsed, type ParseOptions, parseConfig } from "../../config/parse.ts";

/** A configuration by key without project, its values as in a stack file. */
export type Config = Record<string, unknown>;

/** New values by path, as `pulumi config set --path` writes paths; `undefined` takes a value away. */
export type Change = Readonly<Record<string, unknown>>;

export const project = "tradestream";
export const stacks = ["local", "staging", "production"] as const;
export type Stack = (typeof stacks)[number];

/** The root of the repository. */
export const root = path.resolve(import.meta.dirname, "../..");

const files = new Map<Stack, Config>();

/** The configuration of a stack file. */
export function stackFile(stack: Stack): Config {
    const config = files.get(stack) ?? readStackFile(stack);
    files.set(stack, config);
    return structuredClone(config);
}

/** Without the keys that an operator has encrypted: tests bring secrets of their own. */
function readStackFile(stack: Stack): Config {
    const file = parse(readFileSync(path.join(root, `Pulumi.${stack}.yaml`), "utf8")) as { config: Config };
    return Object.fromEntries(
        Object.entries(file.config)
            .filter(([, value]) => !isEncrypted(value))
            .map(([key, value]) => [key.slice(project.length + 1), withPlaceholders(value)]),
    );
}

function withPlaceholders(value: unknown): unknown {
    return JSON.parse(JSON.stringify(value), (_, member: unknown) => (isEncrypted(member) ? "placeholder" : member));
}

function isEncrypted(value: unknown): boolean {
    return typeof value === "object" && value !== null && Object.keys(value).join() === "secure";
}

/** Secrets that every stack must have. */
export const requiredSecrets = {
    resendApiKey: "re_resend-4711",
    googleClientId: "id-of-google-4711",
    googleClientSecret: "pass-of-google-4711",
    githubClientId: "id-of-github-4711",
    githubClientSecret: "pass-of-github-4711",
} as const;

/** The whole configuration of a stack, with its secrets and a change. */
export function configuration(stack: Stack, change: Change = {}): Config {
    const config: Config = { ...stackFile(stack), ...requiredSecrets };
    for (const [place, value] of Object.entries(change)) {
        // A copy: a later place may be inside of this value, which other tests share.
        setAt(config, place, structuredClone(value));
    }
    return config;
}

/** Values as Pulumi keeps them: strings, objects as JSON. */
export function raw(config: Config): Record<string, string> {
    return Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
    );
}

/** Parses a stack's configuration with a change. */
export function parseStack(stack: Stack, change: Change = {}, options: Partial<ParseOptions> = {}): Parsed {
    return parseConfig(raw(configuration(stack, change)), { placeholders: false, ...options });
}

function setAt(config: Config, place: string, value: unknown): void {
    const parts = [...place.matchAll(/\["([^"]+)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
        ([, quoted, index, name]) => quoted ?? (index === undefined ? name! : Number(index)),
    );
    const last = parts.pop()!;
    let parent: object = config;
    for (const [depth, part] of parts.entries()) {
        const next = parts[depth + 1] ?? last;
        const child = (Reflect.get(parent, part) ?? (typeof next === "number" ? [] : {})) as object;
        Reflect.set(parent, part, child);
        parent = child;
    }
    if (value === undefined) {
        Reflect.deleteProperty(parent, last);
    } else {
        Reflect.set(parent, last, value);
    }
}
