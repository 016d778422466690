/**
 * A stack in a `file://` backend of its own: state, passphrase and a copy of the stack file in one directory. The CLI
 * writes an encryption salt into the stack file that it uses; here that is the copy, so that no tracked file changes.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import type { Pulumi } from "./index.ts";
import { readStackFile, type StackFile, stackFileText } from "./stackFile.ts";

/** A stack that exists, and how the CLI finds it. */
export interface LocalStack {
    readonly name: string;
    /** Holds everything of the stack; deleting it forgets the stack. */
    readonly directory: string;
    /** The copy of the stack file, for `--config-file`. */
    readonly configFile: string;
    /** Variables for the CLI: its own, the backend, the passphrase. */
    readonly env: Readonly<Record<string, string>>;
}

export interface StackOptions {
    /** Where state, passphrase and copy are kept; made where it is missing. */
    readonly directory: string;
    readonly stack: string;
    /** Name of the project in Pulumi.yaml. */
    readonly project: string;
    /** The stack file. Default: none, the configuration is `config` alone. */
    readonly file?: string;
    /** Keys with their project, added to those of the file or instead of them. */
    readonly config?: Readonly<Record<string, unknown>>;
}

/** Makes the stack where it is missing, and writes the copy of its stack file. */
export async function openStack(pulumi: Pulumi, options: StackOptions): Promise<LocalStack> {
    const { directory, stack, project } = options;
    const state = path.join(directory, "state");
    const configFile = path.join(directory, `Pulumi.${stack}.yaml`);
    mkdirSync(state, { recursive: true, mode: 0o700 });
    const source = options.file === undefined ? { config: {} } : readStackFile(options.file, project);
    const env = { ...pulumi.env, PULUMI_BACKEND_URL: `file://${state}`, ...passphrase(directory, source) };
    const states = [".json", ".json.gz"].map((end) => path.join(state, ".pulumi/stacks", project, `${stack}${end}`));
    if (!states.some((file) => existsSync(file))) {
        writeFileSync(path.join(directory, "Pulumi.yaml"), stringify({ name: project, runtime: "nodejs" }));
        writeFileSync(configFile, stackFileText(secretsOf(source)));
        await execa(pulumi.file, ["stack", "init", stack, "--non-interactive", "--cwd", directory], { env });
    }
    const secrets = { ...secretsOf(readStackFile(configFile, project)), ...secretsOf(source) };
    writeFileSync(configFile, stackFileText({ ...secrets, config: { ...source.config, ...options.config } }), {
        mode: 0o600,
    });
    return { name: stack, directory, configFile, env };
}

/** Arguments that name the stack and its configuration. */
export function stackArguments({ name, configFile }: LocalStack): string[] {
    return ["--stack", name, "--config-file", configFile];
}

function secretsOf({ encryptionsalt, secretsprovider }: StackFile): Omit<StackFile, "config"> {
    return { ...(encryptionsalt && { encryptionsalt }), ...(secretsprovider && { secretsprovider }) };
}

/** A generated passphrase, unless the stack file is encrypted already: then its owner gives the one that fits. */
function passphrase(directory: string, source: StackFile): Record<string, string> {
    if (source.encryptionsalt !== undefined || source.secretsprovider !== undefined) return {};
    const file = path.join(directory, "passphrase");
    if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString("base64url"), { mode: 0o600 });
    return { PULUMI_CONFIG_PASSPHRASE_FILE: file };
}
