import { namespaceOf } from "./object.ts";
import type { Subject } from "./subject.ts";
import { UNKNOWN } from "./unknown.ts";
import type { View } from "./view.ts";
import type { World } from "./world.ts";

/** Kinds of routes whose backends are Services and whose rules may redirect. */
export const ROUTE_KINDS = ["HTTPRoute", "GRPCRoute"] as const;

/** By this annotation GKE takes certificates from a map of Certificate Manager. */
const CERTIFICATE_MAP = "networking.gke.io/certmap";

/** Whether a map has the certificates of a Gateway. */
export function hasCertificateMap(gateway: View): boolean {
    return !gateway.at("metadata", "annotations", CERTIFICATE_MAP).missing;
}

/** Whether no listener of a Gateway takes its certificate from a Secret. */
export function hasOtherCertificates(gateway: View): boolean {
    const listeners = gateway.at("spec", "listeners").items();
    return hasCertificateMap(gateway) || listeners.every((it) => it.at("tls", "certificateRefs").missing);
}

/** The listeners of the stack's Gateways that a parent reference of a route attaches it to. */
export function listenersOf(world: World, route: Subject, parent: View): readonly View[] {
    const kind = parent.at("kind").string() ?? "Gateway";
    const namespace = parent.at("namespace").string() ?? namespaceOf(route.object);
    const name = parent.at("name").string();
    if (kind !== "Gateway" || typeof namespace !== "string" || typeof name !== "string") return [];
    const gateway = world.find("Gateway", namespace, name);
    if (gateway === undefined) return [];
    const [section, port] = [parent.at("sectionName").string(), parent.at("port").number()];
    return gateway.view
        .at("spec", "listeners")
        .items()
        .filter((listener) => {
            if (section !== undefined && listener.at("name").string() !== section) return false;
            if (port !== undefined && listener.at("port").number() !== port) return false;
            return admits(listener, namespace, route);
        });
}

/** Whether a listener takes a route, by its namespace and host names. What is unknown is not taken. */
function admits(listener: View, namespace: string, route: Subject): boolean {
    const from = listener.at("allowedRoutes", "namespaces", "from").string() ?? "Same";
    if (from === "Same" && namespaceOf(route.object) !== namespace) return false;
    const host = listener.at("hostname").string();
    const hosts = route.view.at("spec", "hostnames");
    if (from === UNKNOWN || host === UNKNOWN || hosts.unknown) return false;
    const names = hosts.items().map((item) => item.string());
    return (
        host === undefined || names.length === 0 || names.some((name) => typeof name === "string" && meet(name, host))
    );
}

/** Whether two host names have one in common; `*.` stands for one label or more. */
function meet(one: string, other: string): boolean {
    const covers = (wide: string, name: string): boolean => wide.startsWith("*.") && name.endsWith(wide.slice(1));
    return one === other || covers(one, other) || covers(other, one);
}
