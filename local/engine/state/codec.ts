/** Between resource states and their JSON in the state file, secrets encrypted. */
import { EngineError } from "../errors.ts";
import type { Crypter } from "../secrets/passphrase.ts";
import type { Value, Values } from "../values.ts";
import { isObject, isSecret, isValues, plain, secretSignature, signatureKey, textOf } from "../values.ts";
import type { OperationType, ResourceState } from "./types.ts";

/** Turns resource states into JSON texts. The same object is serialised once, and the same secret encrypted once. */
export class Encoder {
    readonly #crypter: Crypter;
    readonly #texts = new WeakMap<ResourceState, string>();
    readonly #ciphertexts = new Map<string, string>();

    constructor(crypter: Crypter) {
        this.#crypter = crypter;
    }

    resource(state: ResourceState): string {
        let text = this.#texts.get(state);
        if (text === undefined) {
            text = JSON.stringify(this.#toJson(state));
            this.#texts.set(state, text);
        }
        return text;
    }

    /** Keeps the ciphertext that a value had in the file, so that what does not change reads the same. */
    remember(plaintext: string, ciphertext: string): void {
        this.#ciphertexts.set(plaintext, ciphertext);
    }

    #toJson(state: ResourceState): Record<string, unknown> {
        return withoutEmpty({
            urn: state.urn,
            custom: state.custom,
            delete: state.delete,
            id: state.id,
            type: state.type,
            inputs: this.#encode(state.inputs),
            outputs: this.#encode(state.outputs),
            parent: state.parent,
            protect: state.protect,
            dependencies: state.dependencies,
            initErrors: state.initErrors,
            provider: state.provider,
            propertyDependencies: state.propertyDependencies,
            pendingReplacement: state.pendingReplacement,
            additionalSecretOutputs: state.additionalSecretOutputs,
            customTimeouts: state.customTimeouts,
            retainOnDelete: state.retainOnDelete,
            created: state.created,
            modified: state.modified,
        });
    }

    #encode(value: Value): Value {
        if (isSecret(value)) return { [signatureKey]: secretSignature, ciphertext: this.#encrypt(value.value) };
        if (Array.isArray(value)) return value.map((item: Value) => this.#encode(item));
        if (!isValues(value)) return value;
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#encode(item)]));
    }

    #encrypt(value: Value): string {
        const plaintext = JSON.stringify(plain(value));
        let ciphertext = this.#ciphertexts.get(plaintext);
        if (ciphertext === undefined) {
            ciphertext = this.#crypter.encrypt(plaintext);
            this.#ciphertexts.set(plaintext, ciphertext);
        }
        return ciphertext;
    }
}

/** Reads one resource of a state file. `decrypt` turns a ciphertext into the JSON of the value. */
export function decodeResource(json: unknown, decrypt: (ciphertext: string) => string): ResourceState {
    if (!isObject(json) || typeof json["urn"] !== "string" || typeof json["type"] !== "string") {
        throw new EngineError("the state has a resource without URN or type");
    }
    const list = (key: string): readonly string[] => (Array.isArray(json[key]) ? (json[key] as string[]) : []);
    const text = (key: string): string => (typeof json[key] === "string" ? json[key] : "");
    const values = (key: string): Values =>
        isObject(json[key]) ? (decode(json[key] as Values, decrypt) as Values) : {};
    return {
        urn: json["urn"],
        type: json["type"],
        custom: json["custom"] === true,
        id: text("id"),
        inputs: values("inputs"),
        outputs: values("outputs"),
        parent: text("parent"),
        protect: json["protect"] === true,
        dependencies: list("dependencies"),
        propertyDependencies: (json["propertyDependencies"] ?? {}) as Record<string, readonly string[]>,
        provider: text("provider"),
        initErrors: list("initErrors"),
        additionalSecretOutputs: list("additionalSecretOutputs"),
        retainOnDelete: json["retainOnDelete"] === true,
        customTimeouts: json["customTimeouts"] ?? {},
        delete: json["delete"] === true,
        pendingReplacement: json["pendingReplacement"] === true,
        created: text("created") || undefined,
        modified: text("modified") || undefined,
    };
}

export function isOperationType(value: unknown): value is OperationType {
    return value === "creating" || value === "updating" || value === "deleting" || value === "reading";
}

function decode(value: Value, decrypt: (ciphertext: string) => string): Value {
    if (Array.isArray(value)) return value.map((item: Value) => decode(item, decrypt));
    if (!isValues(value)) return value;
    if (value[signatureKey] === secretSignature) {
        const ciphertext = value["ciphertext"];
        const plaintext = typeof ciphertext === "string" ? decrypt(ciphertext) : value["plaintext"];
        return { [signatureKey]: secretSignature, value: JSON.parse(textOf(plaintext)) as Value };
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decode(item, decrypt)]));
}

function withoutEmpty(record: Record<string, unknown>): Record<string, unknown> {
    const kept = Object.entries(record).filter(([key, value]) => {
        if (value === undefined || value === "") return false;
        if (value === false) return key === "custom";
        if (Array.isArray(value)) return value.length > 0;
        return !isObject(value) || Object.keys(value).length > 0;
    });
    return Object.fromEntries(kept);
}
