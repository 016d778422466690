/** Which provider serves a resource, and with which settings. */
import { EngineError } from "../errors.ts";
import type { ResourceState } from "../state/types.ts";
import { providerUrn, urnType } from "../urn.ts";
import type { Values } from "../values.ts";
import { Cluster } from "./cluster.ts";
import type { ClusterPolicy } from "./cluster.ts";
import { assertSame, identityIn } from "./identity.ts";
import type { ClusterIdentity } from "./identity.ts";
import { KubernetesProvider } from "./kubernetes.ts";
import { refIn } from "./objects.ts";
import { RandomProvider, randomTypes } from "./random.ts";
import { ReleaseProvider } from "./release.ts";
import type { Provider } from "./types.ts";

export const releaseType = "kubernetes:helm.sh/v3:Release";
const providerTypes = ["pulumi:providers:kubernetes", "pulumi:providers:random"];
/** Types of the kubernetes package that are not single objects. */
const otherKubernetesTypes =
    /^kubernetes:(yaml|kustomize|helm\.sh\/v[24]|helm\.sh\/v3:Chart|apiextensions\.k8s\.io:CustomResourcePatch)/;

export function isProviderType(type: string): boolean {
    return type.startsWith("pulumi:providers:");
}

/** Throws, by name, for a resource type that the embedded engine does not know. */
export function assertSupported(type: string): void {
    const isObject = type.startsWith("kubernetes:") && !otherKubernetesTypes.test(type);
    if (providerTypes.includes(type) || randomTypes.includes(type) || type === releaseType || isObject) return;
    throw new EngineError(
        `the embedded engine does not support resources of type ${type}; deploy this program with the official CLI`,
    );
}

/** The providers of one run, by the URN of their provider resource. */
export class ProviderRegistry {
    readonly #policy: ClusterPolicy;
    readonly #directory: string;
    readonly #clusters = new Map<string, Cluster>();
    readonly #random = new RandomProvider();

    /** `directory` is the project's. */
    constructor(policy: ClusterPolicy, directory: string) {
        this.#policy = policy;
        this.#directory = directory;
    }

    /** A provider resource was registered, or is known from the state; `old` is what the state says of it. */
    configure(urn: string, inputs: Values, old?: ResourceState): void {
        if (urnType(urn) !== "pulumi:providers:kubernetes" || this.#clusters.get(urn)?.isMadeOf(inputs) === true)
            return;
        this.#clusters.set(urn, new Cluster(inputs, this.#policy, identityIn(old)));
    }

    /** Makes the providers of a state usable, unless the program has registered them itself. */
    configureFrom(resources: readonly ResourceState[]): void {
        for (const resource of resources) {
            if (isProviderType(resource.type) && !this.#clusters.has(resource.urn))
                this.configure(resource.urn, resource.inputs, resource);
        }
    }

    /** The provider for a type; `reference` is the resource's provider reference. */
    provider(type: string, reference: string): Provider {
        if (randomTypes.includes(type)) return this.#random;
        const cluster = this.cluster(reference);
        return type === releaseType ? new ReleaseProvider(cluster, this.#directory) : new KubernetesProvider(cluster);
    }

    cluster(reference: string): Cluster {
        const cluster = this.#clusters.get(providerUrn(reference));
        if (cluster === undefined) throw new EngineError(`provider ${reference} is not registered`);
        return cluster;
    }

    /** Fails now if a cluster that is needed cannot be reached, or is another one. Resolves with which it is. */
    async connect(urn: string): Promise<ClusterIdentity | undefined> {
        const cluster = this.#clusters.get(urn);
        await cluster?.objectsIfReachable();
        return cluster?.identity;
    }

    /** Fails now if a cluster that these resources live in cannot be reached, or is another one. */
    async connectAll(resources: readonly ResourceState[]): Promise<void> {
        const urns = new Set(resources.map((resource) => providerUrn(resource.provider)));
        for (const urn of urns) await this.connect(urn);
    }

    /** Begins to read what these resources are in the cluster: a program that still starts will ask for it. */
    readAhead(resources: readonly ResourceState[]): void {
        const objects = resources.filter(({ type }) => type.startsWith("kubernetes:") && type !== releaseType);
        for (const [urn, group] of Map.groupBy(objects, ({ provider }) => providerUrn(provider)))
            this.#clusters.get(urn)?.readAhead(group.map(({ inputs }) => refIn(inputs)));
    }

    /** Throws when a resource is to be served by a provider that leads to another cluster than the one it lives in. */
    assertSameCluster(old: ResourceState, reference: string): void {
        if (this.#policy.acceptCluster || providerUrn(old.provider) === providerUrn(reference)) return;
        const [home, found] = [old.provider, reference].map((each) => this.#clusters.get(providerUrn(each))?.identity);
        if (home !== undefined && found !== undefined) assertSame(home, found);
    }

    async close(): Promise<void> {
        await Promise.all([...this.#clusters.values()].map((cluster) => cluster.close()));
    }
}
