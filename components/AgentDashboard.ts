import type * as pulumi from "@pulumi/pulumi";
import type { AgentDashboardConfig } from "../config/services/index.ts";
import { environment } from "./shared/environment.ts";
import { from, pods, proxies, to, toDns } from "./shared/networkPolicy.ts";
import type { Platform } from "./shared/platform.ts";
import { type ExposureArgs, WebService } from "./WebService.ts";

export interface AgentDashboardArgs {
    readonly platform: Platform;
    readonly config: AgentDashboardConfig;
    /** Port that gateway-api's pods listen on. */
    readonly gatewayPort: number;
    /** Default: an Ingress alone. */
    readonly exposure?: ExposureArgs;
    /** Namespace of the ingress controller or the Gateway's proxies, and addresses of those outside of the cluster. */
    readonly ingressNamespace: string;
    readonly ingressCidrs?: readonly string[];
    /** Components whose pods may connect. Default: none. */
    readonly clients?: readonly string[];
}

/** agent-dashboard, the frontend. Source: docs/specification.md, "agent-dashboard". */
export class AgentDashboard extends WebService {
    public constructor(name: string, args: AgentDashboardArgs, opts?: pulumi.ComponentResourceOptions) {
        const { platform, config } = args;
        super(
            "tradestream:index:AgentDashboard",
            name,
            {
                platform,
                component: "agent-dashboard",
                config,
                env: environment(config.env),
                exposure: args.exposure,
                networkRules: {
                    ingress: [
                        from(
                            [
                                ...proxies(args.ingressNamespace, args.ingressCidrs),
                                ...(args.clients ?? []).map((client) => pods(platform, client)),
                            ],
                            config.containerPort,
                        ),
                    ],
                    egress: [to([pods(platform, "gateway-api")], args.gatewayPort), toDns],
                },
            },
            opts,
        );
    }
}
