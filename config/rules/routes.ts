/** Rules over the Gateway and the routes of the web services: a key that has no effect there is an error. */
import { inTurn, keyPath, remove, set } from "../errors/commands.ts";
import { ownsCertificates } from "../exposure.ts";
import { type ServiceKeyOf, webServices } from "../services/index.ts";
import { hasRoutes, hasRoutesAlone, onExposed } from "./exposed.ts";
import { invalid, type Rule, valid } from "./rule.ts";

const gatewayIsNamed: Rule = ({ settings }) => {
    const { className, name } = settings.gateway;
    return !hasRoutes(settings) || className !== undefined || name !== undefined
        ? valid
        : invalid(
              "gateway.className",
              `is missing: exposure is ${settings.exposure}, and no gateway.name names an existing Gateway`,
              set("gateway.className", "<className>"),
          );
};

const gatewayIsUsed: Rule = ({ settings }) => {
    const given = Object.entries(settings.gateway)
        .filter(([, value]) => (typeof value === "object" ? Object.keys(value).length > 0 : value !== undefined))
        .map(([key]) => key);
    return hasRoutes(settings) || given.length === 0
        ? valid
        : invalid(
              "gateway",
              `is set (${given.join(", ")}), but exposure is ingress, so nothing would use it`,
              remove("gateway"),
          );
};

const existingNeedsListener: Rule = ({ settings }) => {
    const { name, sectionName } = settings.gateway;
    return !hasRoutes(settings) || name === undefined || sectionName !== undefined
        ? valid
        : invalid(
              "gateway.sectionName",
              "is missing: without the listener with TLS, routes would also answer on plain HTTP",
              set("gateway.sectionName", "<sectionName>"),
          );
};

/** Keys of the Gateway that is not there: the program's own, or the existing one. */
const keysAreOfGateway: Rule = ({ settings }) => {
    if (!hasRoutes(settings)) return valid;
    const { gateway } = settings;
    const isExisting = gateway.name !== undefined;
    const keys = isExisting ? ["className"] : ["namespace", "sectionName", "httpSectionName"];
    const given = keys.filter((key) => Reflect.get(gateway, key) !== undefined);
    if (isExisting && Object.keys(gateway.annotations).length > 0) given.push("annotations");
    return given.flatMap((key) =>
        invalid(
            `gateway.${key}`,
            isExisting
                ? `has no effect: the Gateway ${gateway.name} exists already (gateway.name)`
                : "has no effect: it is about an existing Gateway, and gateway.name is not set",
            remove(`gateway.${key}`),
        ),
    );
};

const pathsAreOfRoutes = onExposed(hasRoutes, ({ hosts }, key) =>
    hosts.flatMap(({ paths }, index) =>
        paths.flatMap(({ pathType }, at) => {
            const place = `${key}.hosts[${index}].paths[${at}].pathType`;
            return pathType === "ImplementationSpecific"
                ? invalid(place, "is ImplementationSpecific, which routes do not have", set(place, "<Prefix|Exact>"))
                : valid;
        }),
    ),
);

/** The Gateway API refuses other characters in the path of a route. */
const pathsAreOfGateway = onExposed(hasRoutes, ({ hosts }, key) =>
    hosts.flatMap(({ paths }, index) =>
        paths.flatMap(({ path }, at) => {
            const place = `${key}.hosts[${index}].paths[${at}].path`;
            return /^([-\w/.~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})+$/.test(path)
                ? valid
                : invalid(place, `is ${path}, with a character that routes do not take`, set(place, "<path>"));
        }),
    ),
);

/** The most hosts of a route, which the one that redirects has all of, and the most matches of a rule: the schema of HTTPRoute. */
const most = { hosts: 16, paths: 64 } as const;

const routesAreSmall = onExposed(hasRoutes, ({ hosts }, key) => [
    ...(hosts.length > most.hosts
        ? invalid(
              `${key}.hosts`,
              `has ${hosts.length} hosts, and a route takes ${most.hosts}`,
              remove(`${key}.hosts[${hosts.length - 1}]`),
          )
        : valid),
    ...hosts.flatMap(({ paths }, index) =>
        paths.length > most.paths
            ? invalid(
                  `${key}.hosts[${index}].paths`,
                  `has ${paths.length} paths, and a route takes ${most.paths}`,
                  remove(`${key}.hosts[${index}].paths[${paths.length - 1}]`),
              )
            : valid,
    ),
]);

/** What a Gateway has in another key, by annotation of an Ingress. */
const moved: Readonly<Record<string, string>> = {
    "cert-manager.io/cluster-issuer": "gateway.annotations",
    "cert-manager.io/issuer": "gateway.annotations",
    "nginx.ingress.kubernetes.io/proxy-read-timeout": "ingress.timeoutSeconds",
    "nginx.ingress.kubernetes.io/proxy-send-timeout": "ingress.timeoutSeconds",
};

const annotationsAreOfIngress = onExposed(hasRoutesAlone, ({ annotations }, key) =>
    Object.entries(annotations).flatMap(([name, value]) => {
        const place = keyPath([...key.split("."), "annotations", name]);
        const there = moved[name];
        const hint = there === undefined ? "the Gateway API has no such feature" : `set ${there} instead`;
        const fix =
            there === "gateway.annotations"
                ? inTurn(remove(place), set(keyPath(["gateway", "annotations", name]), value))
                : remove(place);
        return invalid(place, `is of an Ingress, and exposure is gateway: ${hint}`, fix);
    }),
);

/** What an Ingress has and routes do not. */
const ofIngressAlone = {
    maxBodySize: "no limit of a body's size",
    requestsPerSecond: "no limit of requests",
} as const;

const routesHaveFeatures = onExposed(hasRoutesAlone, (ingress, key) =>
    (["maxBodySize", "requestsPerSecond"] as const).flatMap((feature) =>
        ingress[feature] === undefined
            ? valid
            : invalid(
                  `${key}.${feature}`,
                  `has no effect: the Gateway API has ${ofIngressAlone[feature]} (exposure: gateway)`,
                  remove(`${key}.${feature}`),
              ),
    ),
);

/** A value that is the default counts as not given: stack files name the class. */
const keysAreOfIngress = onExposed(hasRoutesAlone, ({ controller, className = "nginx", skipAwait }, key) =>
    Object.entries({ controller: controller !== "nginx", className: className !== "nginx", skipAwait })
        .filter(([, isGiven]) => isGiven)
        .flatMap(([name]) =>
            invalid(
                `${key}.${name}`,
                "has no effect: there is no Ingress (exposure: gateway)",
                remove(`${key}.${name}`),
            ),
        ),
);

/** Also where Ingresses are there: its paths are regular expressions, which routes do not have. */
const routesRewriteNothing = onExposed(hasRoutes, ({ rewriteTarget }, key) =>
    rewriteTarget === undefined
        ? valid
        : invalid(
              `${key}.rewriteTarget`,
              "is of Ingresses alone: the Gateway API has no rewrites by groups of a path (exposure: gateway or both)",
              remove(`${key}.rewriteTarget`),
          ),
);

const certificatesAreOwn =
    (service: ServiceKeyOf<"web">): Rule =>
    ({ settings }) =>
        ownsCertificates(settings) || settings[service].ingress.tls.length === 0
            ? valid
            : invalid(
                  `${service}.ingress.tls`,
                  `has no effect: the Gateway ${settings.gateway.name} has the certificates (exposure: gateway)`,
                  remove(`${service}.ingress.tls`),
              );

export const routeRules: readonly Rule[] = [
    gatewayIsNamed,
    gatewayIsUsed,
    existingNeedsListener,
    keysAreOfGateway,
    ...webServices.flatMap((service) =>
        [
            pathsAreOfRoutes,
            pathsAreOfGateway,
            annotationsAreOfIngress,
            routesHaveFeatures,
            keysAreOfIngress,
            routesRewriteNothing,
            routesAreSmall,
            certificatesAreOwn,
        ].map((rule) => rule(service)),
    ),
];
