/** The shipping of a stack's logs: an agent, and what its pods have in common with those of the stack. */
import type * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config/index.ts";
import { LogAgent } from "./LogAgent.ts";
import { PodDefaults, ofAllPods } from "./PodDefaults.ts";

/**
 * Creates the agent where the stack has one.
 * @param checksumKey random text that keys the checksum of its Secret
 */
export function shipLogs(
    system: string,
    config: StackConfig,
    checksumKey: pulumi.Input<string>,
    opts: pulumi.ComponentResourceOptions,
): void {
    if (config.logAgent === undefined) return;
    const { namespace, endpoint, ca } = config.logAgent;
    const { platform } = new PodDefaults(
        "log-agent-pod-defaults",
        {
            platform: { system, namespace, releaseName: config.releaseName },
            ...ofAllPods(config),
            priorityClass: { name: config.priorityClassName },
            caBundle: { pem: ca },
        },
        opts,
    );
    new LogAgent(
        "log-agent",
        {
            platform,
            checksumKey,
            ...config.loggingSecrets,
            authorization: config.secrets.logAuthorization,
            config: config.logging,
            endpoint,
            namespace: config.namespace,
            environment: config.environment,
            networkPolicy: config.networkPolicy.defaultDeny,
        },
        opts,
    );
}
