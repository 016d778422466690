/** The resources of @pulumi/random: values made once, kept in the state, and made anew when their inputs change. */
import { EngineError, messageOf } from "../errors.ts";
import type { ResourceState } from "../state/types.ts";
import type { Values } from "../values.ts";
import { containsUnknown, equal, plainValues, unknownValue } from "../values.ts";
import { randomText, strongSource } from "./random-values.ts";
import type { RandomSource } from "./random-values.ts";
import type { Plan, Provider, StepContext, StepResult } from "./types.ts";

const defaultsOfText: Values = {
    lower: true, minLower: 0, minNumeric: 0, minSpecial: 0, minUpper: 0, number: true, numeric: true, special: true, upper: true,
}; // prettier-ignore

interface RandomType {
    readonly defaults: Values;
    /** The outputs beside the inputs, and which of them is the id; an id of its own for those that are secret. */
    readonly make: (inputs: Values, source: RandomSource) => { id: string; outputs: Values };
    readonly outputs: readonly string[];
}

const types: Readonly<Record<string, RandomType>> = {
    "random:index/randomPassword:RandomPassword": {
        defaults: defaultsOfText,
        outputs: ["result"],
        make: (inputs, source) => ({ id: "none", outputs: { result: randomText(inputs, source) } }),
    },
    "random:index/randomString:RandomString": {
        defaults: defaultsOfText,
        outputs: ["result"],
        make: (inputs, source) => {
            const result = randomText(inputs, source);
            return { id: result, outputs: { result } };
        },
    },
    "random:index/randomBytes:RandomBytes": {
        defaults: {},
        outputs: ["base64", "hex"],
        make: (inputs, source) => {
            const bytes = makeBytes(inputs["length"], source);
            return { id: "none", outputs: { base64: bytes.toString("base64"), hex: bytes.toString("hex") } };
        },
    },
    "random:index/randomId:RandomId": {
        defaults: {},
        outputs: ["b64Std", "b64Url", "dec", "hex"],
        make: (inputs, source) => {
            const bytes = makeBytes(inputs["byteLength"], source);
            const prefix = typeof inputs["prefix"] === "string" ? inputs["prefix"] : "";
            const outputs = {
                b64Std: prefix + bytes.toString("base64"),
                b64Url: prefix + bytes.toString("base64url"),
                dec: prefix + BigInt(`0x${bytes.toString("hex")}`).toString(),
                hex: prefix + bytes.toString("hex"),
            };
            return { id: bytes.toString("base64url"), outputs };
        },
    },
    "random:index/randomUuid:RandomUuid": {
        defaults: {},
        outputs: ["result"],
        make: (_inputs, source) => {
            const result = toUuid(source.bytes(16));
            return { id: result, outputs: { result } };
        },
    },
};

export const randomTypes: readonly string[] = Object.keys(types);

export class RandomProvider implements Provider {
    readonly #source: (context: StepContext) => RandomSource;

    /** `source` gives the randomness for a resource; default: strong. */
    constructor(source: (context: StepContext) => RandomSource = () => strongSource) {
        this.#source = source;
    }

    /** Without defaults, as the official provider's inputs are: a state can go from one engine to the other. */
    check(inputs: Values): Promise<Values> {
        return Promise.resolve({ ...inputs });
    }

    plan(old: ResourceState | undefined, inputs: Values, context: StepContext): Promise<Plan> {
        const type = typeOf(context);
        const unknown = Object.fromEntries(type.outputs.map((key) => [key, unknownValue]));
        const outputs = { ...complete(type, inputs), ...unknown };
        const after = { ...inputs };
        if (old === undefined)
            return Promise.resolve({ operation: "create", deleteBeforeReplace: false, after, outputs });
        const before = old.inputs;
        const same = equal(plainValues(complete(type, before)), plainValues(complete(type, inputs)));
        if (!containsUnknown(inputs) && same) {
            return Promise.resolve({ operation: "same", deleteBeforeReplace: false, outputs: old.outputs, id: old.id });
        }
        return Promise.resolve({ operation: "replace", deleteBeforeReplace: false, before, after, outputs });
    }

    create(inputs: Values, _plan: Plan, context: StepContext): Promise<StepResult> {
        const type = typeOf(context);
        const completed = complete(type, inputs);
        try {
            const { id, outputs } = type.make(plainValues(completed), this.#source(context));
            return Promise.resolve({ id, outputs: { ...completed, ...outputs } });
        } catch (error) {
            return Promise.reject(new EngineError(`${context.name}: ${messageOf(error)}`));
        }
    }

    update(old: ResourceState, inputs: Values): Promise<StepResult> {
        return Promise.resolve({ id: old.id, outputs: { ...old.outputs, ...inputs } });
    }

    delete(): Promise<void> {
        return Promise.resolve();
    }

    recover(): Promise<undefined> {
        return Promise.resolve(undefined); // a value that nobody has seen is no loss
    }
}

/** The inputs with their defaults; `number` is the old name of `numeric`. */
function complete(type: RandomType, inputs: Values): Values {
    const { number, numeric } = inputs;
    const digits = numeric ?? number;
    return { ...type.defaults, ...inputs, ...(digits !== undefined && { number: digits, numeric: digits }) };
}

function typeOf(context: StepContext): RandomType {
    const type = types[context.type];
    if (type === undefined) throw new EngineError(`the embedded engine does not know ${context.type}`);
    return type;
}

function makeBytes(length: unknown, source: RandomSource): Buffer {
    if (typeof length !== "number" || !Number.isInteger(length) || length < 1)
        throw new EngineError("length must be at least 1");
    return source.bytes(length);
}

/** A random UUID (version 4) of 16 bytes. */
function toUuid(bytes: Buffer): string {
    bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
    const hex = bytes.toString("hex");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
