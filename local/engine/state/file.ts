/** The state file of a stack: read whole, written whole and atomically. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { stacksHome } from "../../home.ts";
import { EngineError, messageOf } from "../errors.ts";
import { isObject } from "../values.ts";
import { decodeResource, isOperationType } from "./codec.ts";
import type { Snapshot } from "./types.ts";

/** Where a stack's state is kept. */
export function stateFile(project: string, stack: string): string {
    return path.join(stacksHome(project), `${stack}.json`);
}

/** A state file as it was read, its secrets not yet decrypted. */
export interface StoredState {
    readonly file: string;
    /** The salt of the passphrase that its secrets were encrypted with; `undefined` for a new stack. */
    readonly saltText: string | undefined;
    readonly hasSecrets: boolean;
    /** Decrypts everything. Throws an {@link EngineError} for what it cannot read. */
    decode(decrypt: (ciphertext: string) => string): Snapshot;
}

/** Reads the state of a stack; an empty one where there is no file yet. */
export function readState(file: string): StoredState {
    let text: string;
    try {
        text = fs.readFileSync(file, "utf8");
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw new EngineError(`${file}: ${messageOf(error)}`);
        return {
            file,
            saltText: undefined,
            hasSecrets: false,
            decode: () => ({ resources: [], pendingOperations: [] }),
        };
    }
    const deployment = parseDeployment(file, text);
    const providers = deployment["secrets_providers"];
    const state = isObject(providers) && isObject(providers["state"]) ? providers["state"] : {};
    if (isObject(providers) && providers["type"] !== "passphrase") {
        throw new EngineError(
            `${file}: secrets are encrypted by "${String(providers["type"])}"; the embedded engine knows passphrase only`,
        );
    }
    const list = (key: string): unknown[] => (Array.isArray(deployment[key]) ? (deployment[key] as unknown[]) : []);
    return {
        file,
        saltText: typeof state["salt"] === "string" ? state["salt"] : undefined,
        hasSecrets: text.includes('"ciphertext"'),
        decode: (decrypt) => ({
            resources: list("resources").map((resource) => decodeResource(resource, decrypt)),
            pendingOperations: list("pending_operations").map((operation) => {
                if (!isObject(operation) || !isOperationType(operation["type"])) {
                    throw new EngineError(`${file}: a pending operation of unknown type`);
                }
                return { type: operation["type"], resource: decodeResource(operation["resource"], decrypt) };
            }),
        }),
    };
}

function parseDeployment(file: string, text: string): Record<string, unknown> {
    let content: unknown;
    try {
        content = JSON.parse(text);
    } catch (error) {
        throw new EngineError(`${file} is not valid JSON (${messageOf(error)}): restore it from ${file}.bak`);
    }
    if (!isObject(content) || content["version"] !== 3 || !isObject(content["deployment"])) {
        throw new EngineError(`${file}: expected a deployment of version 3, as "pulumi stack export" writes it`);
    }
    return content["deployment"];
}

/** The parts of a state file as JSON texts. */
export interface StateTexts {
    readonly saltText: string;
    /** The version of Pulumi's SDK, which stands for the format. */
    readonly version: string;
    readonly resources: readonly string[];
    readonly pendingOperations: readonly string[];
}

/** Writes a state file so that at any moment either the old or the new content is there, readable by its owner only. */
export async function writeState(file: string, texts: StateTexts): Promise<void> {
    const version = `v${texts.version}`;
    const manifest = {
        time: new Date().toISOString(),
        magic: createHash("sha256").update(version).digest("hex"),
        version,
    };
    const secrets = { type: "passphrase", state: { salt: texts.saltText } };
    const text = [
        '{"version":3,"deployment":{',
        `"manifest":${JSON.stringify(manifest)},`,
        `"secrets_providers":${JSON.stringify(secrets)},`,
        `"resources":[\n${texts.resources.join(",\n")}\n]`,
        texts.pendingOperations.length > 0 ? `,"pending_operations":[\n${texts.pendingOperations.join(",\n")}\n]` : "",
        "}}\n",
    ].join("");
    const draft = `${file}.new`;
    const handle = await fs.promises.open(draft, "w", 0o600);
    try {
        await handle.writeFile(text);
        await handle.sync();
    } finally {
        await handle.close();
    }
    await fs.promises.rename(draft, file);
    const directory = await fs.promises.open(path.dirname(file), "r");
    try {
        await directory.sync();
    } finally {
        await directory.close();
    }
}
