/** Production, as far as a simulated node can have it: no load balancer, nothing protected, secrets that are none. */

/** Settings that a stack encrypts. */
export const productionSecrets: readonly string[] = [
    "resendApiKey",
    "googleClientId",
    "googleClientSecret",
    "githubClientId",
    "githubClientSecret",
].map((key) => `${key}=bench-${key}`);

/** Arguments of `--config`. */
export const productionConfig: readonly string[] = ["protect=false", ...productionSecrets];

/** Arguments of `--config` that are paths. */
export const productionPaths: readonly string[] = [
    "gatewayApi.ingress.skipAwait=true",
    "agentDashboard.ingress.skipAwait=true",
];

/** All of it on a command line of the embedded engine or of the official CLI. */
export function productionArguments(...more: readonly string[]): string[] {
    const settings = [...productionConfig, ...productionPaths, ...more];
    return ["--config-path", ...settings.flatMap((setting) => ["--config", setting])];
}
