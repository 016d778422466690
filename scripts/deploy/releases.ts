/** The last good releases of a stack, in a Secret beside it: machines of a pipeline come and go, the cluster stays. */
import type { Kubectl } from "../kubectl.ts";

/** What it takes to deploy it again: the program with the embedded chart, and images with configuration. */
export interface Release {
    readonly commit: string;
    /** Content of the stack file; its secrets are encrypted. */
    readonly stackFile: string;
    /** When it was found good; ISO 8601. */
    readonly deployed: string;
    /** Name of its migration's Job; absent where it has none. */
    readonly migration?: string;
}

export interface Releases {
    /** The newest first, two at most. */
    readonly good: readonly Release[];
    /** Commit of a deployment that has begun and was not found good, nor taken back. */
    readonly unfinished?: string;
    /** Of the Secret; absent where there is none. */
    readonly resourceVersion?: string;
}

/** Where the releases of a stack are kept. */
export interface Store {
    readonly kubectl: Kubectl;
    readonly namespace: string;
    readonly releaseName: string;
}

const kept = 2;
const secretName = ({ releaseName }: Store): string => `${releaseName}-deployments`;

export async function readReleases(store: Store): Promise<Releases> {
    const args = ["get", "secret", secretName(store), "-n", store.namespace, "--ignore-not-found", "-o", "json"];
    const text = await store.kubectl(args);
    if (text.trim() === "") return { good: [] };
    const { data, metadata } = JSON.parse(text) as {
        readonly data: { readonly releases: string };
        readonly metadata: { readonly resourceVersion: string };
    };
    const saved = JSON.parse(Buffer.from(data.releases, "base64").toString()) as Releases;
    return { ...saved, resourceVersion: metadata.resourceVersion };
}

/**
 * Keeps them.
 * @throws when somebody else has written since they were read
 */
export async function writeReleases(store: Store, { resourceVersion, ...releases }: Releases): Promise<void> {
    const manifest = {
        apiVersion: "v1",
        kind: "Secret",
        metadata: {
            name: secretName(store),
            namespace: store.namespace,
            labels: { "app.kubernetes.io/instance": store.releaseName },
            ...(resourceVersion !== undefined && { resourceVersion }),
        },
        data: { releases: Buffer.from(JSON.stringify(releases)).toString("base64") },
    };
    const apply = ["apply", "--server-side", "--force-conflicts", "--field-manager=tradestream-deploy", "-f", "-"];
    await store.kubectl(apply, JSON.stringify(manifest));
}

/** Keeps the newest of these releases, and that nothing is unfinished. Whoever has updated the stack last is right. */
export async function remember(store: Store, good: readonly Release[]): Promise<void> {
    const { resourceVersion } = await readReleases(store);
    const version = resourceVersion === undefined ? {} : { resourceVersion };
    await writeReleases(store, { good: good.slice(0, kept), ...version });
}

/** The good releases after another one: deployed again, a release is there once. */
export function withNewest(release: Release, good: readonly Release[]): readonly Release[] {
    const isOther = ({ commit, stackFile }: Release): boolean =>
        commit !== release.commit || stackFile !== release.stackFile;
    return [release, ...good.filter(isOther)];
}

/** The release that a stack goes back to: the last good one, or where that one runs, the one before it. */
export function earlier({ good, unfinished }: Releases): Release | undefined {
    return good[unfinished === undefined ? 1 : 0];
}

/** A release as people know it. */
export function nameOf({ commit, deployed }: Release): string {
    return `${commit.slice(0, 10)} of ${deployed}`;
}
