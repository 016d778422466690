/** Ingress controllers: the annotations by which each has a feature. */

type Annotations = Readonly<Record<string, string>>;

/** The header by which a browser uses HTTPS alone from then on. */
export function hstsHeaders(seconds: number): { readonly "Strict-Transport-Security": string } {
    return { "Strict-Transport-Security": `max-age=${seconds}` };
}

/** What an Ingress asks of its controller. */
export interface Features {
    /** Whether the service sends events, which have to arrive one by one. */
    readonly streams: boolean;
    /** Largest body of a request, in bytes or with k, m or g for a unit. Default: the controller's. */
    readonly maxBodySize?: string | undefined;
    /** Seconds that the controller waits for the service to send or to take something. Default: the controller's. */
    readonly timeoutSeconds?: number | undefined;
    /** Requests per second of one client. Default: no limit. */
    readonly requestsPerSecond?: number | undefined;
    /** What the service is asked for, with $1 for the first group of the path, a regular expression. Default: the path. */
    readonly rewriteTarget?: string | undefined;
    /** Seconds in which a browser that has answers by HTTPS uses nothing else. Default: the controller's. */
    readonly hstsSeconds?: number | undefined;
}

/** Features that a controller may lack, by their keys. */
const optional = ["maxBodySize", "timeoutSeconds", "requestsPerSecond", "rewriteTarget", "hstsSeconds"] as const;
type Optional = (typeof optional)[number];

interface Controller {
    /** Annotations that only this controller reads. */
    readonly own: RegExp;
    /** HTTPS alone, or a redirect to it. */
    readonly redirect: Annotations;
    /** Default: it needs none. */
    readonly streams?: Annotations;
    // What follows is absent where it has no annotation for this.
    readonly maxBodySize?: (size: string) => Annotations;
    readonly timeoutSeconds?: (seconds: number) => Annotations;
    /** Longest wait that it takes, in seconds. Default: any. */
    readonly longestTimeoutSeconds?: number;
    readonly requestsPerSecond?: (requests: number) => Annotations;
    readonly rewriteTarget?: (target: string) => Annotations;
    readonly hstsSeconds?: (seconds: number) => Annotations;
    /** Annotation that names a ConfigMap with headers of the answers, as `namespace/name`. Default: it has none. */
    readonly headersFrom?: string;
    /** Whether its proxies are outside of the cluster, so that requests come from addresses, not from pods. */
    readonly outside?: boolean;
    /** Whether it finds its Ingresses by an annotation and passes over those with a class. */
    readonly classByAnnotation?: boolean;
}

const nginx = "nginx.ingress.kubernetes.io";
const traefik = "traefik.ingress.kubernetes.io";
const alb = "alb.ingress.kubernetes.io";

export const controllers = {
    nginx: {
        own: /^nginx\.ingress\.kubernetes\.io\//,
        redirect: { [`${nginx}/ssl-redirect`]: "true", [`${nginx}/force-ssl-redirect`]: "true" },
        streams: { [`${nginx}/proxy-buffering`]: "off" },
        maxBodySize: (size) => ({ [`${nginx}/proxy-body-size`]: size }),
        timeoutSeconds: (seconds) => ({
            [`${nginx}/proxy-read-timeout`]: String(seconds),
            [`${nginx}/proxy-send-timeout`]: String(seconds),
        }),
        requestsPerSecond: (requests) => ({ [`${nginx}/limit-rps`]: String(requests) }),
        rewriteTarget: (target) => ({ [`${nginx}/use-regex`]: "true", [`${nginx}/rewrite-target`]: target }),
        hstsSeconds: () => ({}),
        headersFrom: `${nginx}/custom-headers`,
    },
    // Plain HTTP is redirected by its static configuration; what is left is to serve HTTPS alone.
    traefik: {
        own: /^traefik\.ingress\.kubernetes\.io\//,
        redirect: { [`${traefik}/router.entrypoints`]: "websecure", [`${traefik}/router.tls`]: "true" },
    },
    alb: {
        own: /^alb\.ingress\.kubernetes\.io\//,
        redirect: {
            [`${alb}/listen-ports`]: '[{"HTTP":80},{"HTTPS":443}]',
            [`${alb}/ssl-redirect`]: "443",
            // Its default needs a Service with a port on every node.
            [`${alb}/target-type`]: "ip",
        },
        timeoutSeconds: (seconds) => ({
            [`${alb}/load-balancer-attributes`]: `idle_timeout.timeout_seconds=${seconds}`,
        }),
        // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
        longestTimeoutSeconds: 4000,
        hstsSeconds: (seconds) => ({
            [`${alb}/listener-attributes.HTTPS-443`]:
                "routing.http.response.strict_transport_security.header_value=" +
                hstsHeaders(seconds)["Strict-Transport-Security"],
        }),
        outside: true,
    },
    gce: {
        own: /^(ingress\.gcp\.kubernetes\.io|networking\.gke\.io)\/|^kubernetes\.io\/ingress\.(allow-http|global-static-ip-name)$/,
        redirect: { "kubernetes.io/ingress.allow-http": "false" },
        outside: true,
        classByAnnotation: true,
    },
    none: { own: /^(?!)/, redirect: {} },
} as const satisfies Readonly<Record<string, Controller>>;

/** Names that controllers without a form here, or their products, give to their classes. */
const others =
    /^(ambassador|apisix|avi|azure-application-gateway|cilium|citrix|cloudflare-tunnel|contour|emissary|haproxy|istio|kong|ngrok|openshift|skipper|tailscale)(-|$)/;

/** The controller that the name of a class tells; `other` for one that the program has no annotations for. */
export function controllerOfClass(name: string): ControllerName | "other" | undefined {
    const own = controllerNames.find((each) => each !== "none" && new RegExp(`^${each}(-|$)`).test(name));
    return own ?? (others.test(name) ? "other" : undefined);
}

export type ControllerName = keyof typeof controllers;
export const controllerNames = Object.keys(controllers) as [ControllerName, ...ControllerName[]];

export function controllerOf(name: ControllerName): Controller {
    return controllers[name];
}

/** Features of the configuration that the controller has no annotation for. */
export function lacking(name: ControllerName, features: Features): readonly Optional[] {
    const controller = controllerOf(name);
    return optional.filter((feature) => features[feature] !== undefined && controller[feature] === undefined);
}

/** The controller whose annotation this is; `undefined` where none alone reads it. */
export function readerOf(annotation: string): ControllerName | undefined {
    return controllerNames.find((name) => controllerOf(name).own.test(annotation));
}

/** The annotations of an Ingress with these features. What the controller lacks is an error of the configuration. */
export function annotationsOf(name: ControllerName, features: Features): Annotations {
    const controller = controllerOf(name);
    const { streams, maxBodySize, timeoutSeconds, requestsPerSecond, rewriteTarget, hstsSeconds } = features;
    return {
        ...controller.redirect,
        ...(streams && controller.streams),
        ...(maxBodySize !== undefined && controller.maxBodySize?.(maxBodySize)),
        ...(timeoutSeconds !== undefined && controller.timeoutSeconds?.(timeoutSeconds)),
        ...(requestsPerSecond !== undefined && controller.requestsPerSecond?.(requestsPerSecond)),
        ...(rewriteTarget !== undefined && controller.rewriteTarget?.(rewriteTarget)),
        ...(hstsSeconds !== undefined && controller.hstsSeconds?.(hstsSeconds)),
    };
}
