/** `kubernetes:helm.sh/v3:Release`: a chart, installed and upgraded by helm. */
import { diagnosis } from "../await/pods.ts";
import { EngineError, InterruptedError, NotReadyError, messageOf } from "../errors.ts";
import { UnreachableError } from "../kube/client.ts";
import type { KubeObject, Objects } from "../kube/objects.ts";
import type { ResourceState } from "../state/types.ts";
import {
    containsUnknown,
    copySecrets,
    equal,
    isObject,
    plainValues,
    secret,
    unknownValue,
    valueAt,
    textOf,
    without,
} from "../values.ts";
import type { Values } from "../values.ts";
import { parseManifests } from "../yaml.ts";
import type { Cluster } from "./cluster.ts";
import { runHelm } from "./helm.ts";
import { throughOutages } from "./outage.ts";
import {
    checkRelease,
    localChartVersion,
    templateArguments,
    upgradeArguments,
    valuesText,
} from "./release-arguments.ts";
import { newestRevision, trouble } from "./release-revision.ts";
import type { Plan, Provider, StepContext, StepResult } from "./types.ts";

export class ReleaseProvider implements Provider {
    readonly #cluster: Cluster;
    readonly #directory: string;

    /** `directory` is the project's: relative chart paths start there. */
    constructor(cluster: Cluster, directory: string) {
        this.#cluster = cluster;
        this.#directory = directory;
    }

    async check(inputs: Values, old: ResourceState | undefined, context: StepContext): Promise<Values> {
        await this.#cluster.objectsIfReachable(); // the namespace of its context may be needed
        const kept = old?.inputs["name"];
        const name = (): string =>
            typeof kept === "string" ? kept : this.#cluster.autoname(context.urn, context.name);
        const checked = checkRelease(inputs, { namespace: this.#cluster.namespace, autoname: name });
        const version = containsUnknown(checked["chart"]) ? undefined : localChartVersion(checked, this.#directory);
        return { ...checked, ...(version !== undefined && { version }) };
    }

    async plan(old: ResourceState | undefined, inputs: Values, context: StepContext): Promise<Plan> {
        const objects = await this.#cluster.objectsIfReachable();
        const unknown: Values = { ...inputs, status: unknownValue, resourceNames: unknownValue };
        const base = { deleteBeforeReplace: false, outputs: unknown, after: inputs };
        const where = old === undefined ? inputs : old.inputs;
        const revision = objects === undefined ? undefined : await newestRevision(objects, where);
        if (old === undefined) {
            if (revision !== undefined)
                throw new EngineError(
                    `helm release ${idOf(inputs)} already exists and is not in this stack's state; uninstall it or choose another name`,
                );
            await this.#tryTemplate(inputs, false);
            return { ...base, operation: "create" };
        }
        if (objects !== undefined && revision === undefined)
            return { ...base, operation: "create", reason: "it is gone from the cluster" };
        if (idOf(old.inputs) !== idOf(inputs)) {
            return {
                ...base,
                operation: "replace",
                reason: "name and namespace cannot be changed in place",
                before: old.inputs,
            };
        }
        const reason = revision === undefined ? undefined : trouble(revision, old);
        if (!containsUnknown(inputs) && equal(plainValues(old.inputs), plainValues(inputs)) && reason === undefined) {
            return { operation: "same", deleteBeforeReplace: false, outputs: publicOutputs(old.outputs), id: old.id };
        }
        if (context.detailed) await this.#tryTemplate(inputs, true);
        return {
            ...base,
            operation: "update",
            ...(reason !== undefined && { reason }),
            before: old.inputs,
            id: old.id,
        };
    }

    async create(inputs: Values, _plan: Plan, context: StepContext): Promise<StepResult> {
        return this.#upgrade(inputs, context);
    }

    async update(_old: ResourceState, inputs: Values, _plan: Plan, context: StepContext): Promise<StepResult> {
        return this.#upgrade(inputs, context);
    }

    async delete(old: ResourceState, context: StepContext): Promise<void> {
        const { name, namespace, timeout } = plainValues(old.inputs);
        const wait = [
            "--wait=watcher",
            "--cascade",
            "foreground",
            "--timeout",
            `${textOf(context.timeout ?? timeout ?? 300)}s`,
        ];
        const args = ["uninstall", textOf(name), "--namespace", textOf(namespace), "--ignore-not-found", ...wait];
        const access = this.#cluster.access();
        const uninstall = (): Promise<string> =>
            runHelm({ args, access, directory: this.#directory, signal: context.signal });
        await throughOutages((await this.#cluster.objects()).client, uninstall, context);
    }

    async recover(begun: ResourceState): Promise<StepResult | undefined> {
        const revision = await newestRevision(await this.#cluster.objects(), begun.inputs);
        if (revision === undefined) return undefined;
        return {
            id: idOf(begun.inputs),
            outputs: { ...begun.inputs, __inputs: secret(begun.inputs), status: { revision: revision.version } },
        };
    }

    /** The chart's manifests, as text. */
    async template(inputs: Values): Promise<string> {
        return runHelm({
            args: templateArguments(inputs, false),
            input: valuesText(inputs),
            directory: this.#directory,
        });
    }

    async #upgrade(inputs: Values, context: StepContext): Promise<StepResult> {
        const objects = await this.#cluster.objects();
        const access = this.#cluster.access();
        const watch = this.#watchPods(objects, inputs, context);
        const args = upgradeArguments({
            ...inputs,
            ...(context.timeout !== undefined && { timeout: context.timeout }),
        });
        const upgrade = async (): Promise<string> => {
            await this.#unblock(objects, inputs, context);
            return runHelm({
                args,
                input: valuesText(inputs),
                access,
                directory: this.#directory,
                signal: context.signal,
            });
        };
        try {
            const text = await throughOutages(objects.client, upgrade, context);
            return { id: idOf(inputs), outputs: toOutputs(inputs, JSON.parse(text) as unknown) };
        } catch (error) {
            const words = error instanceof InterruptedError ? "interrupted" : messageOf(error);
            const message = [`helm release ${idOf(inputs)}: ${words}`, watch.last()]
                .filter((part) => part !== "")
                .join("\n");
            const left = await newestRevision(objects, inputs).catch((reason: unknown) => {
                // nobody knows what there is now: the next run finds out
                if (reason instanceof UnreachableError) throw new UnreachableError(message);
                return undefined;
            });
            if (left === undefined) throw error instanceof InterruptedError ? error : new EngineError(message);
            const status = { status: left.status, revision: left.version };
            throw new NotReadyError(message, idOf(inputs), { ...toOutputs(inputs, {}), status });
        } finally {
            watch.stop();
        }
    }

    /** Helm refuses to go on where it was killed in the middle: such a revision is rolled back, or removed if it was the first. */
    async #unblock(objects: Objects, inputs: Values, context: StepContext): Promise<void> {
        const revision = await newestRevision(objects, inputs);
        if (revision === undefined || !/^(pending-|uninstalling)/.test(revision.status)) return;
        context.progress(`clears revision ${revision.version}, which was left ${revision.status}`);
        const where = [textOf(inputs["name"]), "--namespace", textOf(inputs["namespace"])];
        const [name = "", ...rest] = where;
        const args =
            revision.lastDeployed === undefined || revision.status === "uninstalling"
                ? ["uninstall", name, ...rest, "--ignore-not-found", "--wait=watcher", "--cascade", "foreground"]
                : ["rollback", name, String(revision.lastDeployed), ...rest];
        await runHelm({ args, access: this.#cluster.access(), directory: this.#directory, signal: context.signal });
    }

    /** Fails early, and without a cluster, when the chart cannot be found or rejects the values. */
    async #tryTemplate(inputs: Values, isUpgrade: boolean): Promise<void> {
        if (containsUnknown(inputs)) return;
        try {
            await runHelm({
                args: templateArguments(inputs, isUpgrade),
                input: valuesText(inputs),
                directory: this.#directory,
            });
        } catch (error) {
            throw new EngineError(`helm release ${idOf(inputs)}: ${messageOf(error)}`);
        }
    }

    /** While helm waits, says what keeps the chart's pods from being ready; helm itself only says that time is up. */
    #watchPods(objects: Objects, inputs: Values, context: StepContext): { last: () => string; stop: () => void } {
        let last = "";
        const ask = async (): Promise<void> => {
            const text = await diagnosis(objects, await podsOfChart(objects, inputs));
            if (text !== "") last = text;
            const [first = ""] = text.split("\n");
            if (first !== "") context.progress(first);
        };
        const timer = setInterval(() => void ask().catch(() => undefined), 8000);
        return { last: () => last, stop: () => clearInterval(timer) };
    }
}

/**
 * A stand-in for all workloads of a release: its pods by the labels that charts give them. The instance alone would also
 * find pods that the program makes for the same platform, so the label that names Helm counts where a chart has it.
 */
async function podsOfChart(objects: Objects, inputs: Values): Promise<KubeObject> {
    const { name, namespace } = { name: textOf(inputs["name"]), namespace: textOf(inputs["namespace"]) };
    const instance = { "app.kubernetes.io/instance": name };
    const helms = { ...instance, "app.kubernetes.io/managed-by": "Helm" };
    const labelSelector = Object.entries(helms)
        .map((pair) => pair.join("="))
        .join(",");
    const query = { labelSelector, limit: "1" };
    const answer = await objects.client.request("GET", `/api/v1/namespaces/${namespace}/pods`, { query });
    const isLabelled = isObject(answer) && Array.isArray(answer["items"]) && answer["items"].length > 0;
    const spec = { selector: { matchLabels: isLabelled ? helms : instance } };
    return { apiVersion: "v1", kind: "Release", metadata: { name, namespace }, spec };
}

function idOf(inputs: Values): string {
    return `${textOf(inputs["namespace"])}/${textOf(inputs["name"])}`;
}

function toOutputs(inputs: Values, release: unknown): Values {
    const json = isObject(release) ? release : {};
    const info = isObject(json["info"]) ? json["info"] : {};
    const chart = isObject(json["chart"]) && isObject(json["chart"]["metadata"]) ? json["chart"]["metadata"] : {};
    const text = (value: unknown): string => (typeof value === "string" ? value : "");
    const status = {
        appVersion: text(chart["appVersion"]),
        chart: text(chart["name"]),
        name: textOf(inputs["name"]),
        namespace: textOf(inputs["namespace"]),
        revision: typeof json["version"] === "number" ? json["version"] : 0,
        status: text(info["status"]),
        version: text(chart["version"]),
    };
    const outputs: Values = {
        ...inputs,
        status,
        resourceNames: resourceNames(text(json["manifest"]), status.namespace),
    };
    return { ...(copySecrets(outputs, inputs) as Values), __inputs: secret(inputs) };
}

function publicOutputs(outputs: Values): Values {
    return without(outputs, ["__inputs"]);
}

/** The names of a manifest's objects by `<Kind>.<group>/<version>`, as the official provider lists them. */
function resourceNames(manifest: string, defaultNamespace: string): Values {
    const names: Record<string, string[]> = {};
    for (const object of parseManifests(manifest)) {
        if (typeof object["kind"] !== "string") continue;
        const [group, version] = textOf(object["apiVersion"]).includes("/")
            ? textOf(object["apiVersion"]).split("/")
            : [undefined, textOf(object["apiVersion"])];
        const key = `${object["kind"]}${group === undefined ? "" : `.${group}`}/${version}`;
        const namespace = valueAt(object, "metadata", "namespace") ?? defaultNamespace;
        (names[key] ??= []).push(`${textOf(namespace)}/${textOf(valueAt(object, "metadata", "name"))}`);
    }
    return names;
}
