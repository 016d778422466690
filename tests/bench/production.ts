/**
 * Production, as far as a simulated node can have it: no load balancer, no cert-manager and so no TLS to the database,
 * nothing protected or called, and secrets that are none.
 */
import { configuration, type Change } from "../support/configuration.ts";

const simulated: Change = {
    protect: "false",
    "smokeTest.enabled": false,
    "gatewayApi.ingress.skipAwait": true,
    "agentDashboard.ingress.skipAwait": true,
    // Production does not go without.
    environment: "local",
    "database.tls.enabled": false,
};

/** Its configuration in a namespace, with a change, by key with project. PriorityClasses belong to the whole cluster. */
export function productionConfig(namespace: string, change: Change = {}): Readonly<Record<string, unknown>> {
    const config = configuration("production", { ...simulated, namespace, priorityClassName: namespace, ...change });
    return Object.fromEntries(Object.entries(config).map(([key, value]) => [`tradestream:${key}`, value]));
}
