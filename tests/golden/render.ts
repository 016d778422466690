/** Renders a stack as `npm run render` does: without cluster, state or secrets. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, "../..");

export const stacks = ["local", "staging", "production"] as const;

export function goldenFile(stack: string): string {
    return path.join(import.meta.dirname, `${stack}.yaml`);
}

/** @param cwd the project's directory */
export async function render(stack: string, cwd = root): Promise<string> {
    const args = [path.join(root, "scripts/render.ts"), "--config", "placeholderSecrets=true", "--stack", stack];
    // Whether somebody's shell has a passphrase must not show.
    const { PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE, ...env } = process.env;
    const { stdout } = await run(process.execPath, args, { cwd, env, maxBuffer: 16 * 1024 * 1024 });
    return stdout;
}
