/** Rules over what a stack adds to objects: it replaces nothing that the program relies on. */
import { isIP } from "node:net";
import { isCidr } from "../cidr.ts";
import { keyPath, remove, set } from "../errors/commands.ts";
import { quantity } from "../quantity.ts";
import {
    cronJobs,
    isolatedServices,
    type ServiceKey,
    serviceKeys,
    type ServiceKeyOf,
    services,
    webServices,
} from "../services/index.ts";
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

/** What nginx reads in an annotation. */
const ofNginx = [
    {
        names: [
            ...["ssl-redirect", "force-ssl-redirect", "enable-cors", "cors-allow-credentials", "use-regex"],
            ...["preserve-trailing-slash", "ssl-passthrough", "service-upstream", "enable-access-log"],
            ...["enable-rewrite-log", "enable-opentelemetry", "disable-proxy-intercept-errors"],
        ],
        form: /^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/,
        says: "true or false",
        example: "<true|false>",
    },
    {
        names: ["proxy-buffering", "proxy-request-buffering", "proxy-ssl-verify", "proxy-ssl-server-name"],
        form: /^(on|off)$/,
        says: "on or off",
        example: "<on|off>",
    },
    {
        names: ["backend-protocol"],
        form: /^(AUTO_HTTP|FCGI|GRPCS?|HTTPS?)$/i,
        says: "HTTP, HTTPS, AUTO_HTTP, GRPC, GRPCS or FCGI",
        example: "<HTTP|HTTPS|AUTO_HTTP|GRPC|GRPCS|FCGI>",
    },
    { names: ["affinity"], form: /^cookie$/, says: "cookie", example: "cookie" },
    { names: ["proxy-http-version"], form: /^1\.[01]$/, says: "1.0 or 1.1", example: "<1.0|1.1>" },
    { names: ["auth-url"], form: /^https?:\/\/[^\s/]/, says: "a URL", example: "<url>" },
    { names: ["auth-signin"], form: /^(https?:\/\/[^\s/]|\/)\S*$/, says: "a URL or a path", example: "<url>" },
    {
        names: ["proxy-body-size"],
        form: /^\d+[kmg]?$/i,
        says: "a number, with k, m or g for a unit",
        example: "<10m>",
    },
    {
        names: ["client-body-buffer-size", "proxy-buffer-size", "proxy-busy-buffers-size", "proxy-max-temp-file-size"],
        form: /^\d+[km]?$/i,
        says: "a number, with k or m for a unit",
        example: "<16k>",
    },
    {
        names: [
            ...["proxy-connect-timeout", "proxy-read-timeout", "proxy-send-timeout", "proxy-next-upstream-timeout"],
            ...["proxy-next-upstream-tries", "proxy-buffers-number", "cors-max-age", "session-cookie-max-age"],
            ...[
                "limit-connections",
                "limit-rps",
                "limit-rpm",
                "limit-burst-multiplier",
                "limit-rate",
                "limit-rate-after",
            ],
        ],
        form: /^\d+$/,
        says: "a whole number without a unit (times are in seconds)",
        example: "<60>",
    },
].flatMap(({ names, ...reading }) =>
    names.map((name) => ({ name: `nginx.ingress.kubernetes.io/${name}`, ...reading })),
);

/** nginx refuses its whole configuration for one size that it cannot read; its controller drops what else it cannot read. */
const annotationsAreReadable =
    (service: ServiceKeyOf<"web">): Rule =>
    ({ settings }) =>
        ofNginx.flatMap(({ name, form, says, example }) => {
            const value = settings[service].ingress.annotations[name];
            const key = keyPath([service, "ingress", "annotations", name]);
            return value === undefined || form.test(value)
                ? valid
                : invalid(key, `is ${value}: nginx takes ${says}`, set(key, example));
        });

/** Without a list that it can read, the controller lets everybody in. */
const rangesAreReadable =
    (service: ServiceKeyOf<"web">): Rule =>
    ({ settings }) =>
        ["whitelist-source-range", "allowlist-source-range", "denylist-source-range", "limit-whitelist"].flatMap(
            (suffix) => {
                const name = `nginx.ingress.kubernetes.io/${suffix}`;
                const value = settings[service].ingress.annotations[name];
                const key = keyPath([service, "ingress", "annotations", name]);
                const isOne = (range: string): boolean => isIP(range) !== 0 || isCidr(range);
                return value === undefined || value.split(",").every((range) => isOne(range.trim()))
                    ? valid
                    : invalid(
                          key,
                          `is ${value}: nginx takes addresses and ranges, with commas between`,
                          set(key, "<cidrs>"),
                      );
            },
        );

/** Kubernetes and the chart's network policies find the pods by these. */
const ownLabels: ReadonlySet<string> = new Set([
    ...["name", "instance", "component", "part-of", "version"].map((name) => `app.kubernetes.io/${name}`),
    "pod-template-hash",
    "acme.cert-manager.io/http01-solver",
    // Of a Job, which finds its pods by them.
    "controller-uid",
    "job-name",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
]);

const labelsAreFree =
    (service: ServiceKey): Rule =>
    ({ settings }) =>
        Object.keys(settings[service].podLabels ?? {})
            .filter((name) => ownLabels.has(name))
            .flatMap((name) =>
                belongs(keyPath([service, "podLabels", name]), "the program sets the label of this name"),
            );

/** The second of two volumes with the same name, or in the same directory. */
const volumesAreDistinct =
    (service: ServiceKey, field: "name" | "mountPath"): Rule =>
    ({ settings }) => {
        const volumes = settings[service].volumes ?? [];
        return volumes.flatMap((volume, index) =>
            volumes.findIndex((other) => other[field] === volume[field]) === index
                ? valid
                : invalid(
                      `${service}.volumes[${index}].${field}`,
                      `is ${volume[field]}, which another volume has already`,
                      set(`${service}.volumes[${index}].${field}`, `<${field}>`),
                  ),
        );
    };

/** The kubelet evicts a pod that uses more disk than the limits of its containers add up to, scratch volumes included. */
const scratchFitsLimit =
    (service: ServiceKey): Rule =>
    ({ settings }) => {
        const { resources, volumes = [] } = settings[service];
        const limit = resources.limits["ephemeral-storage"];
        let sum = 0;
        return volumes.flatMap(({ emptyDir }, index) => {
            if (emptyDir === undefined) return valid;
            sum += quantity(emptyDir.sizeLimit);
            if (sum <= quantity(limit)) return valid;
            const total = `${Math.ceil(sum / 2 ** 20)}Mi`;
            return invalid(
                `${service}.volumes[${index}].emptyDir.sizeLimit`,
                `is ${emptyDir.sizeLimit}: with it, the emptyDir volumes (${total}) exceed the pod's local disk ` +
                    `(${service}.resources.limits.ephemeral-storage, ${limit})`,
                set(`${service}.resources.limits.ephemeral-storage`, total),
            );
        });
    };

const egressIsEnforced =
    (service: (typeof isolatedServices)[number]): Rule =>
    ({ settings }) => {
        const { enabled, egress = [] } = settings[service].networkPolicy;
        return enabled || egress.length === 0
            ? valid
            : invalid(
                  `${service}.networkPolicy.egress`,
                  `adds to a policy that ${service}.networkPolicy.enabled switches off`,
                  set(`${service}.networkPolicy.enabled`, true),
              );
    };

export const additionRules: readonly Rule[] = [
    ...serviceKeys.flatMap((service) => [
        labelsAreFree(service),
        volumesAreDistinct(service, "name"),
        volumesAreDistinct(service, "mountPath"),
        scratchFitsLimit(service),
    ]),
    ...isolatedServices.map(egressIsEnforced),
    ...serviceKeys.map(variablesAreFree),
    ...webServices.flatMap((service) => [
        portIsDeclared(service),
        awaitIsSetting(service),
        annotationsAreReadable(service),
        rangesAreReadable(service),
    ]),
    ...[...webServices, ...cronJobs].map(restartsArePrograms),
    scrapingIsPrograms,
    eventsAreNotBuffered,
];
