/**
 * Production, as far as a simulated node can have it: no load balancer, no cert-manager, nothing protected or called,
 * secrets that are none, and no PriorityClass, of which all ways beside each other would have only one.
 */
import { configuration, type Change } from "../support/configuration.ts";

const simulated: Change = {
    protect: "false",
    priorityClassName: undefined,
    priorityClassValue: undefined,
    "smokeTest.enabled": false,
    "gatewayApi.ingress.skipAwait": true,
    "agentDashboard.ingress.skipAwait": true,
    "database.tls.secretName": "database-certificate",
    "database.tls.clientCertificates": "required",
};

/** Its configuration with a change, by key with project. */
export function productionConfig(change: Change = {}): Readonly<Record<string, unknown>> {
    const config = configuration("production", { ...simulated, ...change });
    return Object.fromEntries(Object.entries(config).map(([key, value]) => [`tradestream:${key}`, value]));
}
