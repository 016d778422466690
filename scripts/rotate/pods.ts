/** Pods that may still need a credential. */
import { setTimeout } from "node:timers/promises";
import type { Store } from "../deploy/releases.ts";

export interface Pod {
    readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
    readonly spec: Readonly<Record<"containers" | "initContainers", readonly Container[] | undefined>>;
    readonly status: { readonly phase?: string };
}

interface Container {
    readonly env?: readonly {
        readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } };
    }[];
}

/** Pods end gracefully, open streams included, and runs of the worker to their end. */
const patience = 600_000;

/**
 * Waits until no pod that runs matches, those that are ending included.
 * @returns the names of those that still do after ten minutes
 */
export async function untilGone(
    { kubectl, namespace }: Store,
    isMeant: (pod: Pod) => boolean,
    note: (text: string) => void,
): Promise<readonly string[]> {
    const end = performance.now() + patience;
    for (;;) {
        const { items } = JSON.parse(await kubectl(["get", "pods", "-n", namespace, "-o", "json"])) as {
            readonly items: readonly Pod[];
        };
        const names = items
            .filter(({ status: { phase } }) => phase !== "Succeeded" && phase !== "Failed")
            .filter(isMeant)
            .map(({ metadata }) => metadata.name);
        if (names.length === 0 || performance.now() > end) return names;
        note(`waiting for the end of ${names.join(", ")}`);
        await setTimeout(1000);
    }
}

/** Whether a container of the pod gets one of these keys of `<release>-database-secrets`. */
export function reads({ spec }: Pod, { releaseName }: Store, keys: readonly string[]): boolean {
    return [...spec.containers!, ...(spec.initContainers ?? [])].some(({ env = [] }) =>
        env.some(({ valueFrom }) => {
            const { name, key } = valueFrom?.secretKeyRef ?? {};
            return name === `${releaseName}-database-secrets` && keys.includes(key ?? "");
        }),
    );
}
