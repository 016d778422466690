/** Renders a stack as `npm run render` does: without cluster, state or secrets. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { configuration, raw } from "../support/configuration.ts";
import { routesAlone } from "../support/exposure.ts";

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, "../..");

export const stacks = ["local", "staging", "production"] as const;

export function goldenFile(stack: string): string {
    return path.join(import.meta.dirname, `${stack}.yaml`);
}

/** What production's golden file of that name has of the Gateway API, where its exposure is gateway. */
export const routes = "production-gateway";

/** Renders production's routes. */
export async function renderRoutes(): Promise<string> {
    const change = raw(configuration("production", routesAlone("example", "letsencrypt-prod")));
    const documents = (await render("production", root, change)).split(/^---\n/m);
    const own = documents.filter((document) => document.includes("\napiVersion: gateway.networking.k8s.io/"));
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
