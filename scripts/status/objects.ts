/** The objects of a stack's namespace, as far as the status looks into them. */
import type { Kubectl } from "../kubectl.ts";

export interface Condition {
    readonly type: string;
    readonly status: string;
}

interface Container {
    readonly name: string;
    readonly image: string;
}

export interface PodTemplate {
    readonly spec: { readonly containers: readonly Container[] };
}

interface Reference {
    readonly name: string;
    readonly namespace?: string;
}

interface Listener {
    readonly name: string;
    readonly hostname?: string;
    readonly tls?: { readonly certificateRefs?: readonly Reference[] };
}

export interface KubeObject {
    readonly kind: string;
    readonly metadata: {
        readonly name: string;
        readonly namespace?: string;
        readonly creationTimestamp: string;
        readonly labels?: Readonly<Record<string, string>>;
    };
    readonly spec: {
        readonly clusterIP?: string;
        readonly ports?: readonly { readonly port: number }[];
        readonly replicas?: number;
        readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
        /** Of a pod. */
        readonly containers?: readonly Container[];
        readonly template?: PodTemplate;
        readonly jobTemplate?: { readonly spec: { readonly template: PodTemplate } };
        readonly schedule?: string;
        readonly suspend?: boolean;
        readonly rules?: readonly { readonly host?: string }[];
        readonly tls?: readonly { readonly hosts?: readonly string[]; readonly secretName?: string }[];
        readonly hostnames?: readonly string[];
        readonly parentRefs?: readonly (Reference & { readonly sectionName?: string })[];
        readonly listeners?: readonly Listener[];
    };
    readonly status?: {
        readonly readyReplicas?: number;
        readonly active?: number | readonly object[];
        readonly lastScheduleTime?: string;
        readonly lastSuccessfulTime?: string;
        readonly completionTime?: string;
        readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] };
        readonly addresses?: readonly { readonly value: string }[];
        readonly conditions?: readonly Condition[];
        readonly containerStatuses?: readonly {
            readonly name: string;
            readonly imageID: string;
            readonly restartCount: number;
        }[];
    };
}

const kinds = "deployments,statefulsets,cronjobs,jobs,pods,services,ingresses";
const routeKinds = "gateways.gateway.networking.k8s.io,httproutes.gateway.networking.k8s.io";

/** All objects of the namespace that the status is about; no routes where the cluster has no Gateway API. */
export async function readObjects(kubectl: Kubectl, namespace: string): Promise<readonly KubeObject[]> {
    const list = async (which: string): Promise<readonly KubeObject[]> =>
        (JSON.parse(await kubectl(["get", which, "-n", namespace, "-o", "json"])) as { items: KubeObject[] }).items;
    const routes = list(routeKinds).catch((error: unknown) => {
        if (/doesn't have a resource type|could not find the requested resource/.test(String(error))) return [];
        throw error;
    });
    return (await Promise.all([list(kinds), routes])).flat();
}

/** Whether the object says so of itself. */
export function hasCondition(
    { status }: { readonly status?: { readonly conditions?: readonly Condition[] } },
    type: string,
): boolean {
    return status?.conditions?.some((condition) => condition.type === type && condition.status === "True") === true;
}
