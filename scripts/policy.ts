/** `npm run policy`: checks what a stack renders to, or the given manifests, with the policy pack's own command. */
import path from "node:path";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { readStack } from "./render/configuration.ts";

const root = path.resolve(import.meta.dirname, "..");
const args = process.argv.slice(2);
const { stack } = parseArgs({ args, options: { stack: { type: "string", short: "s" } }, strict: false }).values;
const checker = [path.join(root, "policy-pack/cli.ts"), ...args];

if (typeof stack !== "string") {
    const { exitCode } = await execa(process.execPath, checker, { stdio: "inherit", reject: false });
    process.exitCode = exitCode ?? 2;
} else {
    const render = [path.join(root, "scripts/render.ts"), "--stack", stack, "--config", "placeholderSecrets=true"];
    const rendered = await execa(process.execPath, render, {
        cwd: root,
        stderr: "inherit",
        reject: false,
        maxBuffer: 256 * 1024 * 1024,
    });
    // An error of the rendering is none of the manifests: 2, as for every other wrong use.
    if (rendered.exitCode !== 0) process.exit(2);
    const { name, config: given } = readStack(root, stack, []);
    const environment = given[`${name}:environment`] ?? "";
    const hasConfig = args.some((arg) => arg.startsWith("--policy-config"));
    const config = hasConfig ? [] : ["--policy-config", path.join(root, "policy-config.json")];
    const { exitCode } = await execa(process.execPath, [...checker, "-", "--environment", environment, ...config], {
        input: rendered.stdout,
        stdout: "inherit",
        stderr: "inherit",
        reject: false,
    });
    process.exitCode = exitCode ?? 2;
}
