/** Rules over hosts, certificates and origins. */
import { networkOf } from "../cidr.ts";
import { inTurn, remove, set } from "../errors/commands.ts";
import type { WebServiceConfig } from "../services/web.ts";
import { type ServiceKeyOf, webServices } from "../services/index.ts";
import { invalid, type Rule, valid } from "./rule.ts";

type Ingress = WebServiceConfig["ingress"];

/** A rule over an enabled Ingress. */
const onIngress =
    (check: (ingress: Ingress, key: string) => ReturnType<Rule>) =>
    (service: ServiceKeyOf<"web">): Rule =>
    ({ settings }) => {
        const { enabled, ingress } = settings[service];
        return enabled && ingress.enabled ? check(ingress, `${service}.ingress`) : valid;
    };

const ingressHasHosts = onIngress(({ hosts }, key) =>
    hosts.length > 0
        ? valid
        : invalid(`${key}.hosts`, "is empty, and the Ingress is enabled", set(`${key}.hosts[0].host`, "<host>")),
);

const hostsAreCovered = onIngress(({ hosts, tls }, key) => {
    const covered = new Set(tls.flatMap((entry) => entry.hosts));
    return hosts.flatMap(({ host }, index) =>
        covered.has(host)
            ? valid
            : invalid(
                  `${key}.hosts[${index}].host`,
                  `is ${host}, which no entry of ${key}.tls covers`,
                  tls[0] === undefined
                      ? inTurn(set(`${key}.tls[0].secretName`, "<secret>"), set(`${key}.tls[0].hosts[0]`, host))
                      : set(`${key}.tls[0].hosts[${tls[0].hosts.length}]`, host),
              ),
    );
});

const certificatesAreUsed = onIngress(({ hosts, tls }, key) => {
    const served = new Set(hosts.map(({ host }) => host));
    return tls.flatMap((entry, index) =>
        entry.hosts.some((host) => served.has(host))
            ? valid
            : invalid(
                  `${key}.tls[${index}].hosts`,
                  `covers ${entry.hosts.join(", ")}, and no host of this Ingress`,
                  remove(`${key}.tls[${index}]`),
              ),
    );
});

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

/** Services may share a host as long as each has paths of its own. */
const servicesDoNotCollide: Rule = ({ settings }) => {
    const addresses = webServices.flatMap((service) => {
        const { enabled, ingress } = settings[service];
        return (enabled && ingress.enabled ? ingress.hosts : []).flatMap(({ host, paths }, index) =>
            paths.map(({ path }) => ({ service, index, host, path })),
        );
    });
    return addresses.flatMap(({ service, index, host, path }) => {
        const first = addresses.find((other) => other.host === host && other.path === path);
        const key = `${service}.ingress.hosts[${index}].host`;
        return first === undefined || first.service === service
            ? valid
            : invalid(
                  key,
                  `is ${host}, whose path ${path} ${first.service}.ingress serves already`,
                  set(key, "<host>"),
              );
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

/** The API server refuses a NetworkPolicy with bits after the prefix. */
const rangesAreNetworks: Rule = ({ settings: { networkPolicy } }) =>
    networkPolicy.databaseCidrs.flatMap((range, index) => {
        const [key, network] = [`networkPolicy.databaseCidrs[${index}]`, networkOf(range)];
        return network === range ? valid : invalid(key, `is ${range}, an address within ${network}`, set(key, network));
    });

export const addressRules: readonly Rule[] = [
    ...webServices.flatMap((service) =>
        [ingressHasHosts, hostsAreCovered, certificatesAreUsed, hostsAreListedOnce].map((rule) => rule(service)),
    ),
    servicesDoNotCollide,
    addressIsEncrypted("api"),
    addressIsEncrypted("frontend"),
    originsAreEncrypted,
    frontendMayCall,
    rangesAreNetworks,
];
