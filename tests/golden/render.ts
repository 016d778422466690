/** Renders a stack as `npm run render` does: without cluster, state or secrets. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { type Change, configuration, raw } from "../support/configuration.ts";
import { routesAlone } from "../support/exposure.ts";
import { madeByOperators } from "../support/secretSources.ts";
import { backupsToS3 } from "../unit/broken/backups.ts";

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, "../..");

export const stacks = ["local", "staging", "production"] as const;

export function goldenFile(stack: string): string {
    return path.join(import.meta.dirname, `${stack}.yaml`);
}

/** What an object has to have for a golden file: one of these APIs, or the namespace. Default: production has it otherwise. */
interface Part {
    readonly apis?: readonly string[];
    readonly namespace?: string;
    readonly change: Change;
}

/** Golden files with a part of what production has after a change, by name. */
export const variants = {
    "production-backup": { change: backupsToS3 },
    "production-gateway": {
        apis: ["gateway.networking.k8s.io"],
        change: routesAlone("example", "letsencrypt-prod"),
    },
    "production-logging": {
        namespace: "tradestream-logs",
        change: {
            "logging.enabled": true,
            "logging.endpoint": "https://loki.example.com/otlp",
            "logging.headers.X-Scope-OrgID": "tradestream",
            logAuthorization: "Bearer placeholder",
            // The exemptions that it needs are a stack's to give (docs/logging.md).
            "policy.enforce": false,
        },
    },
    "production-monitoring": {
        apis: ["monitoring.coreos.com"],
        change: {
            "monitoring.enabled": true,
            "monitoring.labels.release": "kube-prometheus-stack",
            "postgresExporter.enabled": true,
            "redisExporter.enabled": true,
        },
    },
    "production-options": {
        change: {
            // Its cluster is asked by an update, and not by a rendering.
            clusterUid: "0e7c1e0a-5b8f-4d2c-9a54-3f1d6c7b8e90",
            "gatewayApi.ingress.hosts[0].paths": [{ path: "/(v1/)?(.*)", pathType: "ImplementationSpecific" }],
            "gatewayApi.ingress.rewriteTarget": "/$2",
            "gatewayApi.ingress.hstsSeconds": 31_536_000,
            "agentDashboard.ingress.requestsPerSecond": 20,
            "agentDashboard.service.type": "LoadBalancer",
            "agentDashboard.service.sourceRanges": ["198.51.100.0/24"],
            'agentDashboard.service.annotations["service.beta.kubernetes.io/aws-load-balancer-type"]': "external",
        },
    },
    "production-secrets": { apis: ["external-secrets.io", "bitnami.com"], change: madeByOperators },
} as const satisfies Readonly<Record<string, Part>>;

export type Variant = keyof typeof variants;
export const variantNames = Object.keys(variants) as readonly Variant[];

const split = (text: string): readonly string[] => text.split(/^---\n/m);
/** Without checksums: they are of Secrets too, for which the tests have values of their own. */
const bare = (document: string): string => document.replace(/^ *checksum\/.*\n/gm, "");

export async function renderVariant(name: Variant): Promise<string> {
    const { apis, namespace, change }: Part = variants[name];
    const documents = split(await render("production", root, raw(configuration("production", change))));
    const production = new Set(split(readFileSync(goldenFile("production"), "utf8")).map(bare));
    const own = documents.filter((document) =>
        apis === undefined && namespace === undefined
            ? !production.has(bare(document))
            : apis?.some((api) => document.includes(`\napiVersion: ${api}/`)) === true ||
              (namespace !== undefined && document.includes(`\n  namespace: ${namespace}\n`)),
    );
    return own.map((document) => `---\n${document}`).join("");
}

/**
 * @param cwd the project's directory
 * @param config values that win over the stack's file
 */
export async function render(stack: string, cwd = root, config: Readonly<Record<string, string>> = {}): Promise<string> {
    const values = Object.entries({ ...config, placeholderSecrets: "true" });
    const options = values.flatMap(([key, value]) => ["--config", `${key}=${value}`]);
    const args = [path.join(root, "scripts/render.ts"), ...options, "--stack", stack];
    // Whether somebody's shell has a passphrase must not show.
    const { PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE, ...env } = process.env;
    const { stdout } = await run(process.execPath, args, { cwd, env, maxBuffer: 16 * 1024 * 1024 });
    return stdout;
}
