import type * as pulumi from "@pulumi/pulumi";
import type { AgentDashboardConfig } from "../config/services/index.ts";
import { environment } from "./shared/environment.ts";
import { from, namespace, pods, to, toDns } from "./shared/networkPolicy.ts";
import type { Platform } from "./shared/platform.ts";
import { WebService } from "./WebService.ts";

export interface AgentDashboardArgs {
    readonly platform: Platform;
    readonly config: AgentDashboardConfig;
    /** Port that gateway-api's pods listen on. */
    readonly gatewayPort: number;
    /** Namespace of the ingress controller. */
    readonly ingressNamespace: string;
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
                networkRules: {
                    ingress: [from([namespace(args.ingressNamespace)], config.containerPort)],
                    egress: [to([pods(platform, "gateway-api")], args.gatewayPort), toDns],
                },
            },
            opts,
        );
    }
}
