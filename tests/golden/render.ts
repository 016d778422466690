/** Renders a stack as `npm run render` does: without cluster, state or secrets. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { type Change, configuration, raw } from "../support/configuration.ts";
import { routesAlone } from "../support/exposure.ts";
import { madeByOperators } from "../support/secretSources.ts";

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, "../..");

export const stacks = ["local", "staging", "production"] as const;

export function goldenFile(stack: string): string {
    return path.join(import.meta.dirname, `${stack}.yaml`);
}

/** Golden files with what production has of some APIs after a change, by name. */
export const variants = {
    "production-gateway": {
        apis: ["gateway.networking.k8s.io"],
        change: routesAlone("example", "letsencrypt-prod"),
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
    "production-secrets": { apis: ["external-secrets.io", "bitnami.com"], change: madeByOperators },
} as const satisfies Readonly<Record<string, { readonly apis: readonly string[]; readonly change: Change }>>;

export type Variant = keyof typeof variants;
export const variantNames = Object.keys(variants) as readonly Variant[];

export async function renderVariant(name: Variant): Promise<string> {
    const { apis, change } = variants[name];
    const documents = (await render("production", root, raw(configuration("production", change)))).split(/^---\n/m);
    const own = documents.filter((document) => apis.some((api) => document.includes(`\napiVersion: ${api}/`)));
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
