/** Persistent volumes on demand: a directory for each claim of the class `standard`. It is removed with the claim. */
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { V1PersistentVolume, V1PersistentVolumeClaim } from "@kubernetes/client-node";
import type { Api } from "./api.ts";
import { ApiError } from "./api.ts";
import { provisioner, storageClassName } from "./config/addons.ts";

const provisionedBy = "pv.kubernetes.io/provisioned-by";
const claims = "/api/v1/persistentvolumeclaims";
const volumes = "/api/v1/persistentvolumes";
const resync = 30_000;

/** Serves claims until `signal` aborts. Volumes live in `directory`, on the node `node`. */
export async function provisionVolumes(api: Api, directory: string, node: string, signal: AbortSignal): Promise<void> {
    let wake = (): void => undefined;
    const watching = [claims, volumes].map(async (collection) => {
        while (!signal.aborted) {
            await api.watch(collection, () => wake(), signal);
            await pause(1000, signal);
        }
    });
    while (!signal.aborted) {
        const event = new Promise<void>((resolve) => {
            wake = resolve;
        });
        try {
            await reconcile(api, directory, node);
        } catch (error) {
            if (!signal.aborted)
                process.stdout.write(`storage: ${error instanceof Error ? error.message : String(error)}\n`);
            await pause(1000, signal);
        }
        await Promise.race([event, pause(resync, signal)]);
    }
    await Promise.all(watching);
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}

async function reconcile(api: Api, directory: string, node: string): Promise<void> {
    const wanted = await api.request<{ items: V1PersistentVolumeClaim[] }>("GET", claims);
    for (const claim of wanted.items) {
        if (isWaiting(claim)) await provide(api, directory, node, claim);
        else if (isGrown(claim)) await grow(api, claim);
    }
    const present = await api.request<{ items: V1PersistentVolume[] }>("GET", volumes);
    for (const volume of present.items) if (isReleased(volume)) await remove(api, directory, volume);
}

function isWaiting({ spec, status, metadata }: V1PersistentVolumeClaim): boolean {
    const ours = spec?.storageClassName === storageClassName && !spec.volumeName;
    return ours && status?.phase === "Pending" && !metadata?.deletionTimestamp;
}

function isGrown({ spec, status }: V1PersistentVolumeClaim): boolean {
    const ours = spec?.storageClassName === storageClassName && status?.phase === "Bound";
    return ours && spec.resources?.requests?.["storage"] !== status.capacity?.["storage"];
}

/** A directory has no size. Only what the API server says of the volume and the claim changes. */
async function grow(api: Api, { metadata, spec }: V1PersistentVolumeClaim): Promise<void> {
    const capacity = spec?.resources?.requests;
    const merge = "application/merge-patch+json";
    const claim = `/api/v1/namespaces/${metadata?.namespace}/persistentvolumeclaims/${metadata?.name}`;
    await api.request("PATCH", `${volumes}/${spec?.volumeName}`, { spec: { capacity } }, merge);
    await api.request("PATCH", `${claim}/status`, { status: { capacity } }, merge);
}

function isReleased({ metadata, status, spec }: V1PersistentVolume): boolean {
    const ours = metadata?.annotations?.[provisionedBy] === provisioner && !metadata.deletionTimestamp;
    return ours && status?.phase === "Released" && spec?.persistentVolumeReclaimPolicy === "Delete";
}

async function provide(api: Api, directory: string, node: string, claim: V1PersistentVolumeClaim): Promise<void> {
    const place = path.join(directory, `pvc-${claim.metadata?.uid}`);
    mkdirSync(place, { recursive: true });
    // Any user of a pod may write; without the umask's say.
    chmodSync(place, 0o777);
    try {
        await api.request("POST", volumes, volumeFor(claim, place, node));
    } catch (error) {
        // It was made for this claim a moment ago, and the claim is being bound.
        if (!(error instanceof ApiError && error.status === 409)) throw error;
    }
}

/** The volume for a claim: bound to it alone, and only on this node. Pure. */
export function volumeFor(claim: V1PersistentVolumeClaim, place: string, node: string): V1PersistentVolume {
    const { metadata = {}, spec = {} } = claim;
    return {
        apiVersion: "v1",
        kind: "PersistentVolume",
        metadata: { name: path.basename(place), annotations: { [provisionedBy]: provisioner } },
        spec: {
            capacity: { storage: spec.resources?.requests?.["storage"] ?? "1Gi" },
            accessModes: spec.accessModes ?? ["ReadWriteOnce"],
            ...(spec.volumeMode === undefined ? {} : { volumeMode: spec.volumeMode }),
            persistentVolumeReclaimPolicy: "Delete",
            storageClassName,
            claimRef: {
                apiVersion: "v1",
                kind: "PersistentVolumeClaim",
                ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
                ...(metadata.name === undefined ? {} : { name: metadata.name }),
                ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
            },
            local: { path: place },
            nodeAffinity: {
                required: {
                    nodeSelectorTerms: [
                        { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] },
                    ],
                },
            },
        },
    };
}

async function remove(api: Api, directory: string, volume: V1PersistentVolume): Promise<void> {
    const place = volume.spec?.local?.path ?? "";
    if (path.dirname(place) === directory) rmSync(place, { recursive: true, force: true });
    await api.request("DELETE", `${volumes}/${volume.metadata?.name}`);
}
