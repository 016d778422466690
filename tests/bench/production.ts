/** Production, as far as a simulated node can have it: no load balancer, no cert-manager, nothing protected, secrets that are none. */
import { configuration, type Change } from "../support/configuration.ts";

const simulated: Change = {
    protect: "false",
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
