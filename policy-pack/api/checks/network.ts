/** What the API server's code asks of Services, Ingresses and network policies. */
import { covers, parseRange } from "../../model/ranges.ts";
import { hasForm } from "../formats.ts";
import { exactlyOne, isSet, isUnknown, list, text, tree, wrong, type Check, type Tree } from "./parts.ts";

const service: Check = function* (spec) {
    const {
        type = "ClusterIP",
        clusterIP,
        ports,
        externalName,
        sessionAffinity,
        sessionAffinityConfig,
        externalTrafficPolicy,
        healthCheckNodePort,
    } = spec;
    if (isUnknown(type)) return;
    const isExternal = type === "ExternalName";
    const isBalanced = type === "LoadBalancer";
    if (!isExternal && clusterIP !== "None" && !isUnknown(clusterIP) && !isUnknown(ports) && list(ports).length === 0)
        yield wrong("/ports", "this is required");
    if (isExternal && !isSet(externalName)) yield wrong("/externalName", "the type ExternalName needs it");
    if (isExternal && typeof externalName === "string" && !hasForm("subdomain", externalName.replace(/\.$/, "")))
        yield wrong("/externalName", "must be a host name");
    if (isExternal && isSet(clusterIP)) yield wrong("/clusterIP", "the type ExternalName has no address");
    if ((isBalanced || type === "NodePort") && clusterIP === "None")
        yield wrong("/clusterIP", `the type ${String(type)} needs an address`);
    if (isSet(sessionAffinityConfig) && sessionAffinity !== "ClientIP" && !isUnknown(sessionAffinity))
        yield wrong("/sessionAffinityConfig", "it needs sessionAffinity: ClientIP");
    for (const field of ["loadBalancerClass", "allocateLoadBalancerNodePorts", "loadBalancerSourceRanges"])
        if (
            isSet(spec[field]) &&
            !isBalanced &&
            (list(spec[field]).length === 0) === (field !== "loadBalancerSourceRanges")
        )
            yield wrong(`/${field}`, "it is for the type LoadBalancer only");
    if (isBalanced && spec["loadBalancerClass"] === "") yield wrong("/loadBalancerClass", "must be a name, or absent");
    for (const [index, range] of list(spec["loadBalancerSourceRanges"]).entries())
        if (!hasForm("cidr", typeof range === "string" ? range.trim() : range) || range === "")
            yield wrong(`/loadBalancerSourceRanges/${index}`, "must be a range of addresses such as 10.0.0.0/8");
    if (
        isSet(externalTrafficPolicy) &&
        type === "ClusterIP" &&
        list(spec["externalIPs"]).length === 0 &&
        !isUnknown(spec["externalIPs"])
    )
        yield wrong("/externalTrafficPolicy", "it is for the types NodePort and LoadBalancer only");
    if (
        isSet(healthCheckNodePort) &&
        healthCheckNodePort !== 0 &&
        !isUnknown(healthCheckNodePort) &&
        !(isBalanced && externalTrafficPolicy === "Local")
    )
        yield wrong("/healthCheckNodePort", "it needs the type LoadBalancer and externalTrafficPolicy: Local");
    const seen = new Set<unknown>();
    for (const [index, port] of list(ports).map(tree).entries()) {
        const { name, nodePort } = port;
        if (!isSet(name) && list(ports).length > 1)
            yield wrong(`/ports/${index}/name`, "each of several ports needs a name");
        if (text(name) !== undefined && name !== "" && seen.has(name))
            yield wrong(`/ports/${index}/name`, "the Service has two ports of this name");
        seen.add(name);
        if (isSet(nodePort) && nodePort !== 0 && !isUnknown(nodePort) && (type === "ClusterIP" || isExternal))
            yield wrong(`/ports/${index}/nodePort`, "it is for the types NodePort and LoadBalancer only");
    }
};

const httpPath: Check = function* ({ path, pathType }) {
    if (isUnknown(path) || (pathType !== "Exact" && pathType !== "Prefix")) {
        if (typeof path === "string" && path !== "" && !path.startsWith("/"))
            yield wrong("/path", "must be a path that begins with /");
        return;
    }
    if (typeof path !== "string" || !path.startsWith("/")) yield wrong("/path", "must be a path that begins with /");
    else if (/\/\/|\/\.\.?(\/|$)|%2f/i.test(path)) yield wrong("/path", "must be a path without //, /./, /../ and %2F");
};

const peer: Check = function* ({ ipBlock, podSelector, namespaceSelector }) {
    if (isSet(ipBlock) && (isSet(podSelector) || isSet(namespaceSelector)))
        yield wrong("/ipBlock", "a peer with ipBlock has no selectors");
    if (!isSet(ipBlock) && !isSet(podSelector) && !isSet(namespaceSelector))
        yield wrong("", "a peer needs podSelector, namespaceSelector or ipBlock");
};

const block: Check = function* ({ cidr, except }) {
    const outer = typeof cidr === "string" ? parseRange(cidr) : undefined;
    for (const [index, range] of list(except).entries()) {
        const inner = typeof range === "string" ? parseRange(range) : undefined;
        if (outer !== undefined && inner !== undefined && (!covers(outer, inner) || outer.prefix === inner.prefix))
            yield wrong(`/except/${index}`, "must be a smaller range within that of cidr");
    }
};

export const NETWORK_CHECKS: Readonly<Record<string, Check>> = {
    "core.v1.ServiceSpec": service,
    "networking.v1.IngressSpec": function* ({ defaultBackend, rules }) {
        if (!isSet(defaultBackend) && !isUnknown(rules) && list(rules).length === 0)
            yield wrong("/rules", "an Ingress needs rules or defaultBackend");
    },
    "networking.v1.IngressClassSpec": function* ({ controller }) {
        if (isUnknown(controller)) return;
        const [, domain, path] = /^([^/]+)\/(.+)$/s.exec(text(controller) ?? "") ?? [];
        if (path === undefined || !hasForm("subdomain", domain))
            yield wrong("/controller", "must be a domain, a slash and a path, such as k8s.io/ingress-nginx");
    },
    "networking.v1.IngressBackend": exactlyOne("a backend", ["service", "resource"]),
    "networking.v1.IngressServiceBackend": function* ({ port }) {
        if (!isUnknown(port)) yield* at("/port", exactlyOne("a port", ["name", "number"]), tree(port));
    },
    "networking.v1.HTTPIngressPath": httpPath,
    "networking.v1.NetworkPolicyPeer": peer,
    "networking.v1.IPBlock": block,
    "networking.v1.NetworkPolicyPort": function* ({ port, endPort }) {
        if (!isSet(endPort) || isUnknown(endPort) || isUnknown(port)) return;
        if (typeof port !== "number") yield wrong("/endPort", "it needs a port that is a number");
        else if (Number(endPort) < port) yield wrong("/endPort", "must be at least port");
    },
    "discovery.v1.EndpointSlice": function* ({ addressType, endpoints }) {
        for (const [index, { addresses }] of list(endpoints).map(tree).entries())
            for (const [place, address] of list(addresses).entries())
                if (
                    (addressType === "IPv4" || addressType === "IPv6") &&
                    typeof address === "string" &&
                    (address === "" || !hasForm("ip", address) || address.includes(":") !== (addressType === "IPv6"))
                )
                    yield wrong(
                        `/endpoints/${index}/addresses/${place}`,
                        `must be an address of the family ${addressType}`,
                    );
    },
};

function* at(place: string, check: Check, part: Tree): ReturnType<Check> & Generator {
    for (const found of check(part, { version: 0, root: {} })) yield { ...found, at: `${place}${found.at}` };
}
