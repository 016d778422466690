import type * as pulumi from "@pulumi/pulumi";
import type { GatewayApiConfig } from "../config/services/index.ts";
import { type DatabaseSource, databaseUrl, databaseVolumes, type External, redisUrl, toData } from "./dataServices.ts";
import { clientOf } from "./databaseLogins.ts";
import { environment, type Source } from "./shared/environment.ts";
import { from, namespace, pods, proxies, toDns, toPublicHttps } from "./shared/networkPolicy.ts";
import type { Platform } from "./shared/platform.ts";
import { type ExposureArgs, WebService } from "./WebService.ts";
import { checksumAnnotations, type SecretSource } from "./Workload.ts";

export interface GatewayApiArgs {
    readonly platform: Platform;
    readonly config: GatewayApiConfig;
    readonly secrets: { readonly auth: SecretSource; readonly oauth: SecretSource; readonly database: DatabaseSource };
    /** Database and cache outside the cluster. Default: the chart's. */
    readonly external?: External | undefined;
    /** Default: an Ingress alone. */
    readonly exposure?: ExposureArgs;
    /** Namespace of the ingress controller or the Gateway's proxies, and addresses of those outside of the cluster. */
    readonly ingressNamespace: string;
    readonly ingressCidrs?: readonly string[];
    /** Components beside agent-dashboard whose pods may connect. Default: none. */
    readonly clients?: readonly string[];
    /** Whether annotations of the pods tell Prometheus to scrape them. Default: true. */
    readonly scrapeAnnotations?: boolean;
    /** Namespace of Prometheus. */
    readonly monitoringNamespace: string;
}

/** gateway-api, the backend. Source: docs/specification.md, "gateway-api". */
export class GatewayApi extends WebService {
    public constructor(name: string, args: GatewayApiArgs, opts?: pulumi.ComponentResourceOptions) {
        const { platform, config, secrets } = args;
        const { auth, oauth, database } = secrets;
        super(
            "tradestream:index:GatewayApi",
            name,
            {
                platform,
                component: "gateway-api",
                config,
                env: environment(variables(args)),
                volumes: databaseVolumes(database.tls, clientOf("gateway-api", database)),
                podAnnotations: {
                    ...checksumAnnotations({
                        "auth-secrets": auth,
                        "oauth-secrets": oauth,
                        "database-secrets": database,
                    }),
                    ...(config.metrics.enabled &&
                        args.scrapeAnnotations !== false && {
                            "prometheus.io/scrape": "true",
                            "prometheus.io/port": String(config.containerPort),
                            "prometheus.io/path": config.metrics.path,
                        }),
                },
                exposure: args.exposure,
                streamPaths: ["/api/signals/stream"],
                networkRules: {
                    ingress: [
                        from(
                            [
                                ...proxies(args.ingressNamespace, args.ingressCidrs),
                                ...["agent-dashboard", ...(args.clients ?? [])].map((client) => pods(platform, client)),
                                ...(config.metrics.enabled ? [namespace(args.monitoringNamespace)] : []),
                            ],
                            config.containerPort,
                        ),
                    ],
                    egress: [
                        toData(platform, "postgresql", args.external),
                        toData(platform, "redis", args.external),
                        toDns,
                        toPublicHttps,
                    ],
                },
            },
            opts,
        );
    }
}

function variables({ platform, config, secrets }: GatewayApiArgs): Record<string, Source> {
    const auth = (key: string): Source => ({ secret: secrets.auth.secretName, key });
    const oauth = (key: string): Source => ({ secret: secrets.oauth.secretName, key });
    const { origins, format } = config.cors;
    return {
        DATABASE_URL: databaseUrl("gateway-api", secrets.database),
        DATABASE_POOL_SIZE: config.database.poolSize,
        REDIS_URL: redisUrl(platform, secrets.database),
        JWT_SECRET: auth("jwt-secret"),
        JWT_PREVIOUS_SECRET: { secret: secrets.auth.secretName, key: "jwt-secret-previous", optional: true },
        JWT_ALGORITHM: "HS256",
        GOOGLE_CLIENT_ID: oauth("google-client-id"),
        GOOGLE_CLIENT_SECRET: oauth("google-client-secret"),
        GITHUB_CLIENT_ID: oauth("github-client-id"),
        GITHUB_CLIENT_SECRET: oauth("github-client-secret"),
        RESEND_API_KEY: auth("resend-api-key"),
        API_URL: config.urls.api,
        FRONTEND_URL: config.urls.frontend,
        CORS_ORIGINS: format === "json" ? JSON.stringify(origins) : origins.join(","),
        RATE_LIMIT_PER_MINUTE: config.rateLimit.perMinute,
        ...config.env,
    };
}
