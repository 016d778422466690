/** The hosts of a stack: where each leads to, and whose certificate it has. */
import type { Kubectl } from "../kubectl.ts";
import { hasCondition, type KubeObject } from "./objects.ts";

export interface Host {
    readonly host: string;
    /** Kind and name of what serves it. */
    readonly by: string;
    /** Addresses that DNS has to name. A Gateway may serve without saying any. */
    readonly addresses: readonly string[];
    /** Secret of its certificate in the stack's namespace; none where the certificate is elsewhere. */
    readonly secretName: string | null;
    /** Why nothing serves it. */
    readonly problem: string | null;
}

/** The hosts of Ingresses and of routes; a Gateway in another namespace is asked for its addresses. */
export async function hostsOf(
    objects: readonly KubeObject[],
    kubectl: Kubectl,
    namespace: string,
): Promise<readonly Host[]> {
    const ingresses = objects.filter(({ kind }) => kind === "Ingress").flatMap(hostsOfIngress);
    const routes = objects.filter(({ kind }) => kind === "HTTPRoute");
    const gateways = await gatewaysOf(routes, objects, kubectl, namespace);
    const routed = routes.flatMap((route) => hostsOfRoute(route, gateways, namespace));
    // A host has a route for requests and one for redirects.
    const byHost = Map.groupBy([...ingresses, ...routed], ({ host, by }) => `${host} ${by}`);
    return [...byHost.values()].map((same) => same.find(({ secretName }) => secretName !== null) ?? same[0]!);
}

function hostsOfIngress({ metadata, spec, status }: KubeObject): Host[] {
    const addresses = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip ?? hostname ?? []);
    return (spec.rules ?? []).flatMap(({ host }) => {
        if (host === undefined) return [];
        const secretName = spec.tls?.find(({ hosts }) => hosts?.includes(host))?.secretName ?? null;
        const problem = addresses.length > 0 ? null : "has no address";
        return { host, by: `Ingress ${metadata.name}`, addresses, secretName, problem };
    });
}

async function gatewaysOf(
    routes: readonly KubeObject[],
    objects: readonly KubeObject[],
    kubectl: Kubectl,
    namespace: string,
): Promise<ReadonlyMap<string, KubeObject>> {
    const own = objects
        .filter(({ kind }) => kind === "Gateway")
        .map((each) => [keyOf(namespace, each.metadata.name), each] as const);
    const parents = routes.flatMap(({ spec }) => spec.parentRefs ?? []);
    const elsewhere = new Map(
        parents.flatMap(({ name, namespace: other = namespace }) =>
            other === namespace ? [] : [[keyOf(other, name), [name, other]] as const],
        ),
    );
    const others = [...elsewhere].map(async ([key, [name, other]]) => {
        const text = await kubectl(["get", "gateways.gateway.networking.k8s.io", name, "-n", other, "-o", "json"]);
        return [key, JSON.parse(text) as KubeObject] as const;
    });
    return new Map([...own, ...(await Promise.all(others))]);
}

function hostsOfRoute({ spec }: KubeObject, gateways: ReadonlyMap<string, KubeObject>, namespace: string): Host[] {
    return (spec.parentRefs ?? []).flatMap(({ name, namespace: other = namespace, sectionName }) => {
        const gateway = gateways.get(keyOf(other, name));
        const serves = gateway !== undefined && hasCondition(gateway, "Programmed");
        const addresses = serves ? (gateway.status?.addresses ?? []).map(({ value }) => value) : [];
        const listener = gateway?.spec.listeners?.find((each) => each.name === sectionName);
        const secret = listener?.tls?.certificateRefs?.[0];
        const isOurs = secret !== undefined && (secret.namespace ?? other) === namespace;
        return (spec.hostnames ?? []).map((host) => ({
            host,
            by: `Gateway ${other === namespace ? "" : `${other}/`}${name}`,
            addresses,
            secretName: isOurs ? secret.name : null,
            problem: serves ? null : "is not programmed",
        }));
    });
}

function keyOf(namespace: string, name: string): string {
    return `${namespace}/${name}`;
}
