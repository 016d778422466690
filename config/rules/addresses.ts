/** Rules over hosts, paths and origins. */
import { remove, set } from "../errors/commands.ts";
import { type ServiceKeyOf, webServices } from "../services/index.ts";
import { onIngress } from "./ingress.ts";
import { areNetworks } from "./ranges.ts";
import { invalid, type Rule, valid } from "./rule.ts";

const ingressHasHosts = onIngress(({ hosts }, key) =>
    hosts.length > 0
        ? valid
        : invalid(`${key}.hosts`, "is empty, and the Ingress is enabled", set(`${key}.hosts[0].host`, "<host>")),
);

const hostsAreListedOnce = onIngress(({ hosts }, key) =>
    hosts.flatMap(({ host }, index) =>
        hosts.findIndex((other) => other.host === host) === index
            ? valid
            : invalid(
                  `${key}.hosts[${index}].host`,
                  `is ${host}, which is listed already: put all its paths into one entry`,
                  remove(`${key}.hosts[${index}]`),
              ),
    ),
);

/** As controllers compare it: a prefix is the same with a slash at its end, and as what is left to the controller. */
function sameAs({ path, pathType }: { readonly path: string; readonly pathType: string }): string {
    return pathType === "Exact" ? `= ${path}` : path.replace(/(?<=.)\/$/, "");
}

/** A path is served once: services may share a host as long as each has paths of its own. */
const pathsAreServedOnce: Rule = ({ settings }) => {
    const addresses = webServices.flatMap((service) => {
        const { enabled, ingress } = settings[service];
        return (enabled && ingress.enabled ? ingress.hosts : []).flatMap(({ host, paths }, index) =>
            paths.map((path, at) => ({ service, key: `${service}.ingress.hosts[${index}]`, host, at, ...path })),
        );
    });
    return addresses.flatMap((address, index) => {
        const { service, key, host, at, path } = address;
        const first = addresses.find((other) => other.host === host && sameAs(other) === sameAs(address))!;
        if (addresses.indexOf(first) === index) return valid;
        if (first.service !== service)
            return invalid(
                `${key}.host`,
                `is ${host}, whose path ${path} ${first.service}.ingress serves already`,
                set(`${key}.host`, "<host>"),
            );
        // The host is listed twice, which is an error of its own.
        if (first.key !== key) return valid;
        const there = `${key}.paths[${at}]`;
        return invalid(`${there}.path`, `is ${path}, which paths[${first.at}] serves already`, remove(there));
    });
};

const addressIsEncrypted =
    (name: "api" | "frontend"): Rule =>
    ({ settings: { environment, gatewayApi } }) => {
        const [key, url] = [`gatewayApi.urls.${name}`, gatewayApi.urls[name]];
        return environment === "local" || url.startsWith("https:")
            ? valid
            : invalid(key, `is ${url}: ${environment} needs https`, set(key, url.replace("http:", "https:")));
    };

/** Local addresses may use http, as in docs/specification.md. */
const originsAreEncrypted: Rule = ({ settings: { environment, gatewayApi } }) =>
    (environment === "local" ? [] : gatewayApi.cors.origins).flatMap((origin, index) => {
        const key = `gatewayApi.cors.origins[${index}]`;
        return origin.startsWith("https:") || ["localhost", "127.0.0.1"].includes(new URL(origin).hostname)
            ? valid
            : invalid(key, `is ${origin}: ${environment} needs https`, set(key, origin.replace("http:", "https:")));
    });

const frontendMayCall: Rule = ({ settings: { gatewayApi } }) => {
    const { urls, cors } = gatewayApi;
    const [api, frontend] = [new URL(urls.api).origin, new URL(urls.frontend).origin];
    return !gatewayApi.enabled || api === frontend || cors.origins.includes(frontend)
        ? valid
        : invalid(
              "gatewayApi.cors.origins",
              `lacks ${frontend}: browsers would block requests of the dashboard to ${api}`,
              set(`gatewayApi.cors.origins[${cors.origins.length}]`, frontend),
          );
};

/** Services build addresses for browsers and for OAuth from these, which no Ingress or route of another name would bring back. */
const addressIsServed =
    (name: "api" | "frontend", service: ServiceKeyOf<"web">): Rule =>
    ({ settings }) => {
        const { enabled, ingress } = settings[service];
        const url = new URL(settings.gatewayApi.urls[name]);
        const hosts = webServices.flatMap((key) =>
            settings[key].enabled && settings[key].ingress.enabled
                ? settings[key].ingress.hosts.map(({ host }) => host)
                : [],
        );
        const [first] = ingress.hosts;
        const key = `gatewayApi.urls.${name}`;
        const served = new URL(url);
        if (first !== undefined) served.hostname = first.host;
        return !settings.gatewayApi.enabled ||
            !enabled ||
            !ingress.enabled ||
            first === undefined ||
            hosts.includes(url.hostname)
            ? valid
            : invalid(
                  key,
                  `leads to ${url.hostname}, which no Ingress or route of the stack serves (${service}.ingress.hosts)`,
                  set(key, served.href.replace(/\/$/, "")),
              );
    };

/** A copied stack file would take the traffic of the environment that it was copied from, or send its own there. */
const hostsAreOwn: Rule = ({ settings, others }) => {
    const { environment, gatewayApi } = settings;
    const { urls, cors } = gatewayApi;
    const served = webServices.flatMap((service) => {
        const { enabled, ingress } = settings[service];
        return (enabled && ingress.enabled ? ingress.hosts : []).map(
            ({ host }, index) => [`${service}.ingress.hosts[${index}].host`, host, "<host>"] as const,
        );
    });
    const asked = [
        ["gatewayApi.urls.api", urls.api],
        ["gatewayApi.urls.frontend", urls.frontend],
        ...cors.origins.map((origin, index) => [`gatewayApi.cors.origins[${index}]`, origin] as const),
    ].map(([key, url]) => [key, new URL(url).hostname, "<url>"] as const);
    return [...served, ...asked].flatMap(([key, host, placeholder]) => {
        const owner = others.find((other) => other.environment !== environment && other.hosts.has(host));
        return owner === undefined
            ? valid
            : invalid(
                  key,
                  `leads to ${host}, a host of the stack ${owner.name}, which is ${String(owner.environment)} and not ${environment}`,
                  set(key, placeholder),
              );
    });
};

export const addressRules: readonly Rule[] = [
    ...webServices.flatMap((service) => [ingressHasHosts, hostsAreListedOnce].map((rule) => rule(service))),
    pathsAreServedOnce,
    addressIsEncrypted("api"),
    addressIsEncrypted("frontend"),
    addressIsServed("api", "gatewayApi"),
    addressIsServed("frontend", "agentDashboard"),
    originsAreEncrypted,
    frontendMayCall,
    hostsAreOwn,
    areNetworks("networkPolicy.databaseCidrs", ({ networkPolicy }) => networkPolicy.databaseCidrs),
    areNetworks("networkPolicy.redisCidrs", ({ networkPolicy }) => networkPolicy.redisCidrs),
    areNetworks("networkPolicy.ingressCidrs", ({ networkPolicy }) => networkPolicy.ingressCidrs),
];
