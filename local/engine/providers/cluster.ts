/** The cluster behind one kubernetes provider resource; connected when first needed, once. */
import { KubeClient, KubeError, UnreachableError, pause } from "../kube/client.ts";
import type { RequestCounts } from "../kube/client.ts";
import { loadCluster } from "../kube/config.ts";
import type { ClusterAccess, ClusterChoice } from "../kube/config.ts";
import { Objects } from "../kube/objects.ts";
import type { KubeObject, ObjectRef } from "../kube/objects.ts";
import { EngineError, messageOf } from "../errors.ts";
import { OtherClusterError, assertSame, identityPath, unnamedCluster } from "./identity.ts";
import type { ClusterIdentity } from "./identity.ts";
import { LiveObjects } from "./live.ts";
import { autoname } from "./objects.ts";
import { standInSource } from "./random-values.ts";
import type { Values } from "../values.ts";
import { equal, plainValues, stringAt, unknownValue, textOf } from "../values.ts";

/** What a run allows. */
export interface ClusterPolicy {
    /** `required`: no cluster is an error. `optional`: the run goes on without. `never`: it is not even tried. */
    readonly reach: "required" | "optional" | "never";
    readonly counts: RequestCounts;
    /** Told once when the cluster cannot be reached and the run goes on. */
    readonly note: (text: string) => void;
    /** What holds where the provider resource says nothing. */
    readonly defaults: ClusterChoice;
    /** Names made up by the plan, kept for the run that carries it out. */
    readonly names: Map<string, string>;
    /** Whether another cluster may take the place of the one that a stack lives in. */
    readonly acceptCluster: boolean;
}

export class Cluster {
    readonly #choice: ClusterChoice;
    readonly #inputs: Values;
    readonly #policy: ClusterPolicy;
    readonly #isKnown: boolean;
    #access: ClusterAccess | undefined;
    #objects: Promise<Objects> | undefined;
    #live: Promise<LiveObjects> | undefined;
    #identity: ClusterIdentity | undefined;

    /**
     * `inputs` are those of a `pulumi:providers:kubernetes` resource; `home` is the cluster that it led to so far: no
     * other one is talked to. Throws for options the engine does not have.
     */
    constructor(inputs: Values, policy: ClusterPolicy, home: ClusterIdentity | undefined) {
        this.#identity = home;
        this.#inputs = plainValues(inputs);
        this.#policy = policy;
        for (const [key, refused] of [
            ["renderYamlToDirectory", undefined],
            ["enableServerSideApply", "false"],
        ] as const) {
            const value = this.#inputs[key];
            if (value !== undefined && value !== null && (refused === undefined || textOf(value) === refused)) {
                throw new EngineError(
                    `kubernetes provider: ${key}: ${textOf(value)} is not supported by the embedded engine`,
                );
            }
        }
        const given = (key: "kubeconfig" | "context" | "cluster"): Partial<ClusterChoice> => {
            const value = this.#inputs[key];
            if (typeof value === "string" && value !== "") return { [key]: value };
            if (typeof value === "object" && value !== null && key === "kubeconfig")
                return { [key]: JSON.stringify(value) };
            return {};
        };
        this.#choice = { ...policy.defaults, ...given("kubeconfig"), ...given("context"), ...given("cluster") };
        this.#isKnown = !Object.values(this.#choice).includes(unknownValue);
    }

    /** Whether it is the cluster that a provider with these inputs leads to. */
    isMadeOf(inputs: Values): boolean {
        return equal(this.#inputs, plainValues(inputs));
    }

    /** Where objects go that name no namespace. */
    get namespace(): string {
        const given = this.#inputs["namespace"];
        if (typeof given === "string" && given !== "") return given;
        return this.#access?.namespace ?? "default";
    }

    get patchForce(): boolean {
        return textOf(this.#inputs["enablePatchForce"]) === "true";
    }

    /** Whether objects that exist already may be taken over. */
    get upsert(): boolean {
        return textOf(this.#inputs["upsertExistingObjects"]) === "true";
    }

    /** Which cluster it is; `undefined` while that is not known. */
    get identity(): ClusterIdentity | undefined {
        return this.#identity;
    }

    /** How to reach it, for programs that the engine starts. */
    access(): ClusterAccess {
        this.#access ??= loadCluster(this.#choice);
        return this.#access;
    }

    /**
     * The objects of the cluster. Throws {@link UnreachableError} when nobody answers, {@link OtherClusterError} when
     * another cluster does.
     */
    async objects(): Promise<Objects> {
        this.#objects ??= this.#connect();
        return this.#objects;
    }

    /** The objects of the cluster, or `undefined` where the run goes on without one. */
    async objectsIfReachable(): Promise<Objects | undefined> {
        if (this.#policy.reach === "never" || !this.#isKnown) return undefined;
        if (this.#policy.reach === "required") return this.objects();
        try {
            return await this.objects();
        } catch (error) {
            if (!(error instanceof EngineError) || error instanceof OtherClusterError) throw error;
            this.#policy.note(`${error.message}; what follows compares with the state only`);
            return undefined;
        }
    }

    /** A name made of another, the same in the plan and in the run that carries it out; without cluster always the same. */
    autoname(urn: string, base: string): string {
        const fixed = this.#policy.reach === "never" ? standInSource(urn).bytes(4) : undefined;
        const name = this.#policy.names.get(urn) ?? autoname(base, fixed);
        this.#policy.names.set(urn, name);
        return name;
    }

    /** Begins to read objects that will be asked for. What is wrong with the cluster shows when they are. */
    readAhead(refs: readonly ObjectRef[]): void {
        if (this.#policy.reach === "never" || !this.#isKnown) return;
        const live = this.objects().then((objects) => new LiveObjects(objects));
        live.then(
            (reader) => reader.readAhead(refs),
            () => undefined,
        );
        this.#live = live;
    }

    /** An object as it is, from what was read ahead if it was; `undefined` when there is none. */
    async live(ref: ObjectRef): Promise<KubeObject | undefined> {
        return this.#live === undefined ? (await this.objects()).get(ref) : (await this.#live).get(ref);
    }

    async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
        await pause(milliseconds, signal);
    }

    async close(): Promise<void> {
        if (this.#objects === undefined) return;
        const objects = await this.#objects.catch(() => undefined);
        objects?.client.close();
    }

    async #connect(): Promise<Objects> {
        const client = new KubeClient(this.access(), this.#policy.counts);
        try {
            this.#identity = await this.#identify(client);
        } catch (error) {
            client.close();
            if (error instanceof UnreachableError || error instanceof OtherClusterError) throw error;
            throw new UnreachableError(`cluster "${this.access().contextName}": ${messageOf(error)}`);
        }
        return new Objects(client);
    }

    /** Asks which cluster answers; one request, which also shows that it can be reached. */
    async #identify(client: KubeClient): Promise<ClusterIdentity | undefined> {
        const { contextName: context, server } = this.access();
        const home = this.#policy.acceptCluster ? undefined : this.#identity;
        try {
            const uid = stringAt((await client.request("GET", identityPath)) as Values, "metadata", "uid");
            if (uid === undefined) throw new EngineError(`${server.origin} does not answer as a Kubernetes does`);
            const found = { uid, context, server: server.origin };
            if (home === undefined) return found;
            assertSame(home, found);
            return home;
        } catch (error) {
            const isUnnamed = error instanceof KubeError && (error.status === 403 || error.status === 404);
            if (!isUnnamed) throw error;
            if (home !== undefined) throw unnamedCluster(home, context, error.message);
            return undefined;
        }
    }
}
