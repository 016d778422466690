/** Unknown keys: the key that was probably meant, and the secret keys that replace those of the specification. */
import { z } from "../zod.ts";
import { inTurn, keyPath, remove, set, setSecret } from "./commands.ts";
import { setting } from "./examples.ts";
import type { ConfigError } from "./index.ts";
import { nearest } from "./names.ts";
import { knownKeys, settingsSchema } from "../schema.ts";
import { secretKeys } from "../secrets.ts";
import { innermost, namedPaths, type Path, schemaAt, typeName } from "../tree.ts";
import { type JsonObject, valueAt } from "../values.ts";

/** Errors for an unknown key. They do not show its value, which may be a secret. */
export function unknownKeyErrors(path: Path, input: JsonObject): readonly ConfigError[] {
    const key = keyPath(path);
    const moved = movedTrees.get(key);
    if (moved !== undefined) {
        const given = Object.keys(valueAt(input, path) ?? {}).filter((name) => Object.hasOwn(moved, name));
        return given.length > 0
            ? given.map((name) => movedError(`${key}.${name}`, moved[name]!))
            : [
                  {
                      key,
                      problem: `is not a known key; ${Object.values(moved).join(" and ")} took its place`,
                      fix: remove(key),
                  },
              ];
    }
    const name = String(path.at(-1));
    if (path.length > 1 && (secretKeys as readonly string[]).includes(name)) {
        return [movedError(key, name)];
    }
    const meant = meantPath(path);
    if (meant === undefined) {
        return [{ key, problem: "is not a known key", fix: remove(key) }];
    }
    const value = valueAt(input, path);
    const plain = typeof value === "number" || typeof value === "boolean" ? value : undefined;
    const schema = schemaAt(settingsSchema, meant);
    const isTree = typeName(schema) === "object";
    const place = keyPath(meant);
    const command = plain === undefined ? setting(place, schema, undefined) : set(place, plain);
    return [
        {
            key,
            problem: `is not a known key; did you mean ${place}?`,
            fix: isTree ? remove(key) : inTurn(remove(key), command),
        },
    ];
}

/**
 * The error for a key that looks like the program's, and is not: its project is misspelt (`tradestreem:namespace`), or it
 * is the default provider's (`kubernetes:context`). `undefined` for one of another package.
 */
export function projectError(key: string, project: string): ConfigError | undefined {
    const [namespace = "", name = ""] = key.split(":");
    const isProviders = namespace === "kubernetes";
    if (namespace === project || (!isProviders && nearest(namespace, [project]) === undefined)) return undefined;
    const problem = isProviders
        ? "is for Pulumi's default provider, which this program does not use: it does not read it"
        : `belongs to the project ${namespace}, and this one is ${project}: the program does not read it`;
    if (!knownKeys.includes(name)) return { key, problem, fix: remove(key) };
    const isSecret = (secretKeys as readonly string[]).includes(name);
    const command = isSecret ? setSecret(name) : setting(name, schemaAt(settingsSchema, [name]), undefined);
    return { key, problem, fix: inTurn(remove(key), command) };
}

function movedError(key: string, secret: string): ConfigError {
    return {
        key,
        problem: `is not a known key; it is the top-level secret ${secret}`,
        fix: inTurn(remove(key), setSecret(secret)),
    };
}

/** Where values.yaml in docs/specification.md has secrets, and the secret keys that replace them. */
const movedTrees: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map([
    ["oauthSecrets.google", { clientId: "googleClientId", clientSecret: "googleClientSecret" }],
    ["oauthSecrets.github", { clientId: "githubClientId", clientSecret: "githubClientSecret" }],
]);

/** The nearest name on the same level; else the same name at another place, best in the same branch. */
function meantPath(path: Path): Path | undefined {
    const name = String(path.at(-1));
    const parent = innermost(schemaAt(settingsSchema, path.slice(0, -1)));
    const siblings = path.length === 1 ? knownKeys : parent instanceof z.ZodObject ? Object.keys(parent.shape) : [];
    const near = nearest(name, siblings);
    if (near !== undefined) {
        return [...path.slice(0, -1), near];
    }
    const elsewhere = namedPaths(settingsSchema)
        .filter((candidate) => candidate.at(-1) === name)
        // A key of another branch is another thing.
        .filter((candidate) => path.length === 1 || shared(candidate, path) > 0);
    const [best] = elsewhere.sort((a, b) => shared(b, path) - shared(a, path));
    return best;
}

function shared(a: Path, b: Path): number {
    const differs = a.findIndex((part, index) => part !== b[index]);
    return differs < 0 ? a.length : differs;
}
