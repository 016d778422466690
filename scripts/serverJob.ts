/** A Job that is PostgreSQL's own pod with another command, so that it has the same files, rights and network. */

interface Container {
    readonly name: string;
    readonly env?: readonly { readonly name: string }[];
    readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
    readonly [field: string]: unknown;
}

export interface ServerSet {
    readonly metadata: { readonly name: string };
    readonly spec: {
        readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
        readonly template: {
            readonly metadata: { readonly labels: Readonly<Record<string, string>> };
            readonly spec: {
                readonly containers: readonly Container[];
                readonly volumes?: readonly { readonly name: string; readonly emptyDir?: object }[];
            };
        };
    };
}

export interface ServerJobOptions {
    readonly name: string;
    /** Of its pods: of no Service, and still of the network policy. */
    readonly component: string;
    /** For `/bin/sh`. */
    readonly script: string;
    /** Seconds for which the Job is kept. */
    readonly keptSeconds: number;
    /** Fields of the pod and of the container that differ from the server's. */
    readonly pod?: object;
    readonly container?: object;
}

/** @throws where the server has its data in an emptyDir, which another pod would not see */
export function serverJob(set: ServerSet, options: ServerJobOptions): string {
    const { name, component, script, keptSeconds, pod, container } = options;
    const { template, volumeClaimTemplates = [] } = set.spec;
    const volumes = template.spec.volumes ?? [];
    if (volumes.some((volume) => volume.name === "data" && volume.emptyDir !== undefined))
        throw new Error(`${set.metadata.name} keeps its data in an emptyDir, which another pod would not see`);
    const claims = volumeClaimTemplates.map(({ metadata }) => ({
        name: metadata.name,
        persistentVolumeClaim: { claimName: claimOf(set, metadata.name) },
    }));
    const { image, imagePullPolicy, env, resources, securityContext, volumeMounts } = template.spec.containers[0]!;
    const labels = { ...template.metadata.labels, "app.kubernetes.io/component": component };
    return JSON.stringify({
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: { name, labels },
        spec: {
            backoffLimit: 0,
            ttlSecondsAfterFinished: keptSeconds,
            template: {
                metadata: { labels },
                spec: {
                    ...template.spec,
                    ...pod,
                    containers: [
                        {
                            name: component,
                            command: ["/bin/sh", "-c", script],
                            ...{ image, imagePullPolicy, env, resources, securityContext, volumeMounts },
                            ...container,
                        },
                    ],
                    volumes: [...volumes, ...claims],
                    restartPolicy: "Never",
                },
            },
        },
    });
}

/** Name of the claim of the only pod's volume. */
export function claimOf(set: ServerSet, template: string): string {
    return `${template}-${set.metadata.name}-0`;
}
