/** Every object that a program and its charts would make, as YAML; needs neither a cluster nor a state. */
import { EngineError, messageOf } from "./errors.ts";
import type { Goal, Registered } from "./goal.ts";
import type { Registrar } from "./monitor.ts";
import { namespacedByDefault } from "./kube/objects.ts";
import { toObject } from "./providers/objects.ts";
import { standInSource } from "./providers/random-values.ts";
import { RandomProvider, randomTypes } from "./providers/random.ts";
import { assertSupported, isProviderType, releaseType } from "./providers/registry.ts";
import type { ProviderRegistry } from "./providers/registry.ts";
import { ReleaseProvider } from "./providers/release.ts";
import type { StepContext } from "./providers/types.ts";
import type { ResourceState } from "./state/types.ts";
import { createUrn } from "./urn.ts";
import {
    isValues,
    mapValues,
    plain,
    redacted,
    secret,
    stringAt,
    unknownValue,
    withoutUnknowns,
    textOf,
} from "./values.ts";
import type { Value, Values } from "./values.ts";
import { parseManifests, toYamlText } from "./yaml.ts";

/** Stands for values that nobody can know before `up`; valid wherever a text is. */
export const unknownPlaceholder = "(known-after-up)";
const redactedText = "[secret]";

export interface Document {
    /** Where it comes from: the resource's name, or the release's. */
    readonly source: string;
    readonly object: Values;
}

export interface RenderOptions {
    readonly project: string;
    readonly stack: string;
    readonly providers: ProviderRegistry;
    readonly showSecrets: boolean;
    /** What the state knows, for the values of random resources; empty without `showSecrets`. */
    readonly olds: ReadonlyMap<string, ResourceState>;
    readonly defaultProviders: Readonly<Record<string, Values>>;
}

interface Entry {
    readonly goal: Goal;
    readonly inputs: Values;
    readonly reference: string;
}

/** Takes registrations and keeps them for the output. */
export class Renderer implements Registrar {
    readonly failures: string[] = [];
    readonly #options: RenderOptions;
    readonly #entries = new Map<string, Entry>();

    constructor(options: RenderOptions) {
        this.#options = options;
    }

    urn(parent: string, type: string, name: string): string {
        return createUrn(this.#options.stack, this.#options.project, parent, type, name);
    }

    async register(goal: Goal): Promise<Registered> {
        try {
            return await this.#register(goal);
        } catch (error) {
            this.failures.push(`${goal.name} (${goal.type}): ${messageOf(error)}`);
            return { urn: goal.urn, id: "", outputs: {}, ok: false };
        }
    }

    registerOutputs(): Promise<void> {
        return Promise.resolve(); // outputs are not objects
    }

    fail(message: string): void {
        this.failures.push(message);
    }

    /** The documents, dependencies first, otherwise by name: the same program always gives the same order. */
    async documents(): Promise<readonly Document[]> {
        const ordered = inOrder([...this.#entries.values()]);
        const lists = await Promise.all(
            ordered.map(async (entry) =>
                entry.goal.type === releaseType ? this.#chart(entry) : [this.#object(entry)],
            ),
        );
        return lists.flat();
    }

    /** What was registered, for those who want to know more than the objects. */
    registered(): readonly { readonly goal: Goal; readonly inputs: Values }[] {
        return inOrder([...this.#entries.values()]);
    }

    async #register(goal: Goal): Promise<Registered> {
        if (!goal.custom) return { urn: goal.urn, id: "", outputs: {}, ok: true };
        assertSupported(goal.type);
        if (this.#entries.has(goal.urn)) throw new EngineError("another resource has the same name");
        const { providers, olds, showSecrets, defaultProviders } = this.#options;
        if (isProviderType(goal.type)) {
            providers.configure(goal.urn, goal.inputs);
            return { urn: goal.urn, id: goal.name, outputs: goal.inputs, ok: true };
        }
        const reference = goal.provider === "" ? this.#defaultReference(goal, defaultProviders) : goal.provider;
        const provider = providers.provider(goal.type, reference);
        const context: StepContext = {
            urn: goal.urn, type: goal.type, name: goal.name, timeout: undefined, signal: new AbortController().signal, progress: () => undefined, detailed: false,
        }; // prettier-ignore
        const old = olds.get(goal.urn);
        const inputs = await provider.check(goal.inputs, old, context);
        if (randomTypes.includes(goal.type)) {
            // made up for this output: with --show-secrets at random, else always the same, so that the output is too
            const maker = showSecrets ? provider : new RandomProvider(() => standInSource(goal.urn));
            const plan = await provider.plan(old, inputs, context);
            const made =
                plan.operation === "same"
                    ? { id: plan.id ?? "", outputs: plan.outputs }
                    : await maker.create(inputs, plan, context);
            return { urn: goal.urn, id: made.id, outputs: hiddenOutputs(goal, made.outputs), ok: true };
        }
        this.#entries.set(goal.urn, { goal, inputs, reference });
        const outputs =
            goal.type === releaseType ? { ...inputs, status: unknownValue, resourceNames: unknownValue } : inputs;
        return { urn: goal.urn, id: "", outputs, ok: true };
    }

    #defaultReference(goal: Goal, settings: Readonly<Record<string, Values>>): string {
        const name = goal.type.split(":")[0] ?? "";
        const urn = this.urn("", `pulumi:providers:${name}`, "default");
        this.#options.providers.configure(urn, settings[name] ?? {});
        return `${urn}::default`;
    }

    #object({ goal, inputs }: Entry): Document {
        const shown = this.#options.showSecrets ? plain(inputs) : redacted(inputs, redactedText);
        const object = toObject(withoutUnknowns(shown, unknownPlaceholder) as Values) as unknown as Values;
        return { source: `${goal.name} (${goal.type})`, object: withSecretData(object, this.#options.showSecrets) };
    }

    /** What helm makes of the chart. */
    async #chart({ goal, inputs, reference }: Entry): Promise<readonly Document[]> {
        const provider = this.#options.providers.provider(goal.type, reference);
        if (!(provider instanceof ReleaseProvider)) return [];
        const known = withoutUnknowns(plain(inputs), unknownPlaceholder) as Values;
        const namespace = textOf(known["namespace"]);
        let text: string;
        try {
            text = await provider.template(known);
        } catch (error) {
            throw new EngineError(`${goal.name}: ${messageOf(error)}`);
        }
        return parseManifests(text).map((object) => {
            const shown = withSecretData(object, this.#options.showSecrets);
            return { source: `release ${textOf(known["name"])}`, object: placed(shown, namespace) };
        });
    }
}

/** Multi-document YAML, each document headed by where it comes from. */
export function toYaml(documents: readonly Document[]): string {
    return documents.map(({ source, object }) => `---\n# ${source}\n${toText(object)}`).join("");
}

/** One file per object, `<kind>-<name>.yaml`; the namespace tells apart those that would share a name. */
export function toFiles(documents: readonly Document[]): ReadonlyMap<string, string> {
    const files = new Map<string, string>();
    for (const { source, object } of documents) {
        const [kind, name, namespace] = [
            textOf(object["kind"]),
            stringAt(object, "metadata", "name") ?? "",
            stringAt(object, "metadata", "namespace") ?? "",
        ];
        const base = `${kind}-${name}`.toLowerCase().replaceAll(/[^a-z0-9.-]+/g, "-");
        let file = `${base}.yaml`;
        if (files.has(file)) file = `${base}.${namespace}.yaml`;
        for (let index = 2; files.has(file); index++) file = `${base}.${index}.yaml`;
        files.set(file, `# ${source}\n${toText(object)}`);
    }
    return files;
}

function toText(object: Values): string {
    const metadata = object["metadata"];
    const tidy = isValues(metadata)
        ? { ...object, metadata: withFirst(metadata, ["name", "namespace", "labels", "annotations"]) }
        : object;
    return toYamlText(withFirst(tidy, ["apiVersion", "kind", "metadata"]));
}

/** The keys that readers look for first, then the others by name. */
function withFirst(values: Values, first: readonly string[]): Values {
    const rest = Object.keys(values)
        .filter((key) => !first.includes(key))
        .sort();
    const keys = [...first.filter((key) => key in values), ...rest];
    return Object.fromEntries(keys.map((key) => [key, values[key] ?? null]));
}

/** An object of a chart with the namespace that helm would put it into. */
function placed(object: Values, namespace: string): Values {
    const metadata = object["metadata"];
    if (!isValues(metadata) || metadata["namespace"] !== undefined || !namespacedByDefault(textOf(object["kind"])))
        return object;
    return { ...object, metadata: { ...metadata, namespace } };
}

/** The data of a Secret: hidden, unless it may be shown; always base64, as the API server wants it. */
function withSecretData(object: Values, showSecrets: boolean): Values {
    if (object["apiVersion"] !== "v1" || object["kind"] !== "Secret") return object;
    const encode = (text: string): string => Buffer.from(text).toString("base64");
    const hide = (value: Value): Value =>
        !showSecrets ? encode(redactedText) : value === unknownPlaceholder ? encode(unknownPlaceholder) : value;
    const { stringData, data, ...rest } = object;
    const merged = { ...(isValues(data) ? data : {}), ...(isValues(stringData) ? stringData : {}) };
    return Object.keys(merged).length === 0 ? rest : { ...rest, data: mapValues(merged, hide) };
}

function hiddenOutputs(goal: Goal, outputs: Values): Values {
    return mapValues(outputs, (value, key) => (goal.additionalSecretOutputs.includes(key) ? secret(value) : value));
}

/** Those first that others depend on; within a level by name. */
function inOrder(entries: readonly Entry[]): readonly Entry[] {
    const byUrn = new Map(entries.map((entry) => [entry.goal.urn, entry]));
    const depths = new Map<string, number>();
    const depth = (urn: string): number => {
        const known = depths.get(urn);
        if (known !== undefined) return known;
        depths.set(urn, 0); // a circle cannot be registered; this only guards
        const needs = byUrn.get(urn)?.goal.dependencies.filter((other) => byUrn.has(other)) ?? [];
        const result = needs.length === 0 ? 0 : 1 + Math.max(...needs.map(depth));
        depths.set(urn, result);
        return result;
    };
    return [...entries].sort((a, b) => depth(a.goal.urn) - depth(b.goal.urn) || (a.goal.urn < b.goal.urn ? -1 : 1));
}
