/** What the API server's code asks of Services, Ingresses and network policies. */
import { covers, parseRange } from "../../model/ranges.ts";
import { formIn, hasForm } from "../formats.ts";
import {
    all,
    below,
    exactlyOne,
    isSet,
    pointer,
    isUnknown,
    list,
    text,
    tree,
    wrong,
    type Check,
    type Tree,
} from "./parts.ts";

const service: Check = function* (spec, { version }) {
    const cidr = formIn("cidr", version);
    const { type = "ClusterIP", clusterIP, ports, externalName, externalTrafficPolicy, healthCheckNodePort } = spec;
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
    for (const field of ["loadBalancerClass", "allocateLoadBalancerNodePorts", "loadBalancerSourceRanges"])
        if (
            isSet(spec[field]) &&
            !isBalanced &&
            (list(spec[field]).length === 0) === (field !== "loadBalancerSourceRanges")
        )
            yield wrong(`/${field}`, "it is for the type LoadBalancer only");
    if (isBalanced && spec["loadBalancerClass"] === "") yield wrong("/loadBalancerClass", "must be a name, or absent");
    for (const [index, range] of list(spec["loadBalancerSourceRanges"]).entries())
        if (!hasForm(cidr, typeof range === "string" ? range.trim() : range) || range === "")
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
    const taken = new Set<string>();
    for (const [index, port] of list(ports).map(tree).entries()) {
        const { name, nodePort } = port;
        if (!isSet(name) && list(ports).length > 1)
            yield wrong(`/ports/${index}/name`, "each of several ports needs a name");
        if (text(name) !== undefined && name !== "" && seen.has(name))
            yield wrong(`/ports/${index}/name`, "the Service has two ports of this name");
        seen.add(name);
        if (isSet(nodePort) && nodePort !== 0 && !isUnknown(nodePort) && (type === "ClusterIP" || isExternal))
            yield wrong(`/ports/${index}/nodePort`, "it is for the types NodePort and LoadBalancer only");
        if (typeof nodePort !== "number" || nodePort === 0 || isUnknown(port["protocol"])) continue;
        const onNode = `${text(port["protocol"]) ?? "TCP"} ${nodePort}`;
        if (taken.has(onNode)) yield wrong(`/ports/${index}/nodePort`, "the Service has two ports with this one");
        taken.add(onNode);
    }
};

/** Two addresses are one of each family, and the first is that of clusterIP. */
const addresses: Check = function* (spec, { version }) {
    const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy, trafficDistribution } = spec;
    if (ipFamilyPolicy === "SingleStack" && list(ipFamilies).length > 1)
        yield wrong("/ipFamilyPolicy", "with two families it must be PreferDualStack or RequireDualStack");
    const [given, families] = [list(clusterIPs), list(ipFamilies)];
    if (![clusterIP, clusterIPs, ...given].some(isUnknown) && given.length > 0) {
        if (given[0] !== clusterIP) yield wrong("/clusterIPs/0", "must be the address of clusterIP");
        const isV6 = given.map((address) => text(address)?.includes(":"));
        if (given.length > 2 || (given.length === 2 && (isV6[0] === isV6[1] || given.includes("None"))))
            yield wrong("/clusterIPs/1", "must be one address of each family at most");
    }
    for (const [index, family] of families.entries())
        if (!isUnknown(family) && families.indexOf(family) < index)
            yield wrong(`/ipFamilies/${index}`, "this is in the list twice");
    const known = ["PreferClose", ...(version >= 34 ? ["PreferSameZone", "PreferSameNode"] : [])];
    if (typeof trafficDistribution === "string" && !known.includes(trafficDistribution))
        yield wrong("/trafficDistribution", `must be one of ${known.join(", ")}`);
};

/** Addresses of Services and their endpoints are none of a single machine or link. */
const SPECIAL = ["127.0.0.0/8", "::1/128", "169.254.0.0/16", "fe80::/10", "224.0.0.0/24", "0.0.0.0/32", "::/128"];
const special = SPECIAL.flatMap((range) => parseRange(range) ?? []);

const LOCAL = "must be no loopback, link-local or unspecified address";

function isSpecial(address: unknown): boolean {
    const range = parseRange(`${text(address) ?? ""}/${text(address)?.includes(":") === true ? 128 : 32}`);
    return range !== undefined && special.some((one) => covers(one, range));
}

const external: Check = function* ({ externalIPs }) {
    for (const [index, address] of list(externalIPs).entries()) {
        if (isSpecial(address)) yield wrong(`/externalIPs/${index}`, LOCAL);
    }
};

const RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges";

/** The field in its old form, which counts where the field is absent. */
const sourceRanges: Check = function* ({ metadata, spec }, { version }) {
    const value = below(metadata, "annotations", RANGES);
    const type = below(spec, "type");
    if (typeof value !== "string" || isUnknown(type) || isSet(below(spec, "loadBalancerSourceRanges"))) return;
    const at = `/metadata/annotations/${pointer(RANGES)}`;
    if (type !== "LoadBalancer") yield wrong(at, "it is for the type LoadBalancer only");
    const ranges = value.trim() === "" ? [] : value.split(",").map((range) => range.trim());
    if (!ranges.every((range) => hasForm(formIn("cidr", version), range)))
        yield wrong(at, "must be ranges of addresses such as 10.0.0.0/8, with commas between");
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
        if (outer !== undefined && inner !== undefined && (!covers(outer, inner) || outer.bits === inner.bits))
            yield wrong(`/except/${index}`, "must be a smaller range within that of cidr");
    }
};

const CLASS = "kubernetes.io/ingress.class";

/** The class in its old form. */
const ingressClass: Check = function* ({ metadata, spec }) {
    const [old, name] = [below(metadata, "annotations", CLASS), below(spec, "ingressClassName")];
    if (typeof old === "string" && typeof name === "string" && old !== name)
        yield wrong(`/metadata/annotations/${pointer(CLASS)}`, "must be the same as spec.ingressClassName, or absent");
};

export const NETWORK_CHECKS: Readonly<Record<string, Check>> = {
    "core.v1.Service": sourceRanges,
    "core.v1.ServiceSpec": all(service, addresses, external),
    "networking.v1.Ingress": ingressClass,
    "networking.v1.IngressSpec": function* ({ defaultBackend, rules }) {
        if (!isSet(defaultBackend) && !isUnknown(rules) && list(rules).length === 0)
            yield wrong("/rules", "an Ingress needs rules or defaultBackend");
    },
    "networking.v1.IngressClassSpec": function* ({ controller }) {
        if (isUnknown(controller)) return;
        if (typeof controller !== "string" || controller === "" || !hasForm("domain-path", controller))
            yield wrong("/controller", "must be a domain, a slash and a path, such as k8s.io/ingress-nginx");
    },
    "networking.v1.IngressClassParametersReference": function* ({ scope, namespace }) {
        if (scope === "Namespace" && !isSet(namespace)) yield wrong("/namespace", "the scope Namespace needs it");
        if (scope === "Cluster" && isSet(namespace)) yield wrong("/namespace", "the scope Cluster does not have it");
        if (typeof scope === "string" && scope !== "Cluster" && scope !== "Namespace")
            yield wrong("/scope", "must be Cluster or Namespace");
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
    "discovery.v1.EndpointSlice": function* ({ addressType, endpoints, ports }) {
        if (list(ports).length > 1)
            for (const [index, port] of list(ports).entries())
                if (!isUnknown(port) && !isSet(tree(port)["name"]))
                    yield wrong(`/ports/${index}/name`, "each of several ports needs a name");
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
                else if (isSpecial(address)) yield wrong(`/endpoints/${index}/addresses/${place}`, LOCAL);
    },
};

function* at(place: string, check: Check, part: Tree): ReturnType<Check> & Generator {
    for (const found of check(part, { version: 0, root: {} })) yield { ...found, at: `${place}${found.at}` };
}
