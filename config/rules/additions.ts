/** Rules over what a stack adds to objects: it replaces nothing that the program relies on. */
import { keyPath, remove } from "../errors/commands.ts";
import { cronJobs, type ServiceKey, serviceKeys, type ServiceKeyOf, services, webServices } from "../services/index.ts";
import type { Service } from "../services/service.ts";
import { invalid, type Rule, valid } from "./rule.ts";

const belongs = (key: string, hint: string): ReturnType<Rule> =>
    invalid(key, `belongs to the program: ${hint}`, remove(key));

const variablesAreFree =
    (service: ServiceKey): Rule =>
    ({ settings }) => {
        const { variables }: Service = services[service];
        return Object.keys(settings[service].env)
            .filter((name) => Object.hasOwn(variables, name))
            .flatMap((name) => {
                const source = variables[name];
                const hint = source === "" ? "its value is fixed" : `it follows from ${source}`;
                return belongs(`${service}.env.${name}`, hint);
            });
    };

/** A process that reads PORT would listen where neither the probes nor the Service look for it. */
const portIsDeclared =
    (service: ServiceKeyOf<"web">): Rule =>
    ({ settings }) => {
        const { containerPort, env } = settings[service];
        const key = `${service}.env.PORT`;
        return env["PORT"] === undefined || env["PORT"] === String(containerPort)
            ? valid
            : invalid(key, `is not ${service}.containerPort (${containerPort}), where requests go`, remove(key));
    };

const restartsArePrograms =
    (service: ServiceKeyOf<"web" | "cronJob">): Rule =>
    ({ settings }) =>
        Object.keys(settings[service].podAnnotations)
            .filter((name) => name.startsWith("checksum/"))
            .flatMap((name) =>
                belongs(
                    keyPath([service, "podAnnotations", name]),
                    "annotations of this kind restart the pods when a Secret changes",
                ),
            );

const scraping: Readonly<Record<string, string>> = {
    "prometheus.io/scrape": "set gatewayApi.metrics.enabled instead",
    "prometheus.io/path": "set gatewayApi.metrics.path instead",
    "prometheus.io/port": "it is gatewayApi.containerPort",
};

const scrapingIsPrograms: Rule = ({ settings: { gatewayApi } }) =>
    Object.keys(gatewayApi.metrics.enabled ? gatewayApi.podAnnotations : {})
        .filter((name) => Object.hasOwn(scraping, name))
        .flatMap((name) => belongs(keyPath(["gatewayApi", "podAnnotations", name]), scraping[name]!));

const awaitIsSetting =
    (service: ServiceKeyOf<"web">): Rule =>
    ({ settings }) => {
        const name = "pulumi.com/skipAwait";
        return settings[service].ingress.annotations[name] === undefined
            ? valid
            : belongs(keyPath([service, "ingress", "annotations", name]), `set ${service}.ingress.skipAwait instead`);
    };

const eventsAreNotBuffered: Rule = ({ settings: { gatewayApi } }) => {
    const name = "nginx.ingress.kubernetes.io/proxy-buffering";
    return ["off", undefined].includes(gatewayApi.ingress.annotations[name])
        ? valid
        : belongs(keyPath(["gatewayApi", "ingress", "annotations", name]), "server-sent events need it off");
};

export const additionRules: readonly Rule[] = [
    ...serviceKeys.map(variablesAreFree),
    ...webServices.flatMap((service) => [portIsDeclared(service), awaitIsSetting(service)]),
    ...[...webServices, ...cronJobs].map(restartsArePrograms),
    scrapingIsPrograms,
    eventsAreNotBuffered,
];
