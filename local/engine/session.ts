/** What every command starts with: the project, the stack, its configuration and its state. */
import path from "node:path";
import { type ConfigArguments, mergeConfig, parseConfigArguments, readProject, readStackFile } from "./project.ts";
import type { ConfigValue, Project, StackFile } from "./project.ts";
import { containsSecure } from "./encrypted.ts";
import { UsageError } from "./errors.ts";
import type { ClusterChoice } from "./kube/config.ts";
import { startMonitor } from "./monitor.ts";
import type { Registrar } from "./monitor.ts";
import { runProgram, sdkVersion } from "./program.ts";
import type { Runner } from "./program.ts";
import type { Redactor } from "./redact.ts";
import { createCrypter, openCrypter } from "./secrets/passphrase.ts";
import type { Crypter } from "./secrets/passphrase.ts";
import { givenPassphrase, machinePassphrase, requiredPassphrase } from "./secrets/source.ts";
import { readable } from "./secrets/readable.ts";
import { telling } from "./secrets/telling.ts";
import { readState, stateFile } from "./state/file.ts";
import type { StoredState } from "./state/file.ts";
import { StateStore } from "./state/store.ts";
import type { Values } from "./values.ts";

/** Options that most commands share. */
export interface CommonOptions {
    readonly cwd: string;
    readonly stack?: string;
    readonly config: readonly string[];
    /** Whether keys of `config` are paths to members. */
    readonly configPath?: boolean;
    readonly kubeconfig?: string;
    readonly context?: string;
    /** Whether encrypted values are left out when the environment gives no passphrase for them. Default: false. */
    readonly leaveOutSecrets?: boolean;
    /** A process for the program that waits already. */
    readonly program?: Runner | undefined;
}

export class Session {
    readonly project: Project;
    readonly stack: string;
    readonly stackFile: StackFile;
    /** Keys whose encrypted values are left out. */
    readonly leftOut: readonly string[];
    readonly stored: StoredState;
    readonly cluster: ClusterChoice;
    readonly #configArguments: ConfigArguments;
    readonly #redactor: Redactor;
    #program: Runner | undefined;
    #crypter: Promise<Crypter> | undefined;
    #config: Promise<ReadonlyMap<string, ConfigValue>> | undefined;

    /** Reads what can be read without a passphrase. Throws for a project, stack or argument that is wrong. */
    constructor(options: CommonOptions, redactor: Redactor) {
        const stack = options.stack ?? process.env["PULUMI_STACK"];
        if (stack === undefined || stack === "")
            throw new UsageError("no stack: name one with --stack or PULUMI_STACK");
        this.#configArguments = parseConfigArguments(options.config, options.configPath === true);
        this.project = readProject(path.resolve(options.cwd));
        this.stack = stack;
        const read = readable(readStackFile(this.project, stack), options.leaveOutSecrets === true);
        this.stackFile = read.stackFile;
        this.leftOut = read.leftOut;
        this.stored = readState(stateFile(this.project.name, stack));
        this.#redactor = redactor;
        this.#program = options.program;
        this.cluster = {
            ...(options.kubeconfig !== undefined && { kubeconfig: path.resolve(options.kubeconfig) }),
            ...(options.context !== undefined && { context: options.context }),
        };
    }

    /** The configuration as the program gets it, decrypted; its secrets are kept out of all that is shown. */
    config(): Promise<ReadonlyMap<string, ConfigValue>> {
        this.#config ??= this.#readConfig();
        return this.#config;
    }

    async #readConfig(): Promise<ReadonlyMap<string, ConfigValue>> {
        const { encryptionSalt, file, config: values } = this.stackFile;
        let crypter: Crypter | undefined;
        if (encryptionSalt !== undefined && containsSecure(values)) {
            crypter = await this.#open(requiredPassphrase(file), encryptionSalt, file);
        }
        const config = mergeConfig(this.project, this.stackFile, this.#configArguments, crypter);
        for (const { hidden } of config.values()) hidden.forEach((text) => this.#hide(text));
        return config;
    }

    /** Settings of default providers that the configuration gives: `kubernetes:context` and the like. */
    async defaultProviders(): Promise<Readonly<Record<string, Values>>> {
        const settings = [...(await this.config())].filter(([key]) => key.startsWith("kubernetes:"));
        return {
            kubernetes: Object.fromEntries(
                settings.map(([key, value]) => [key.slice("kubernetes:".length), value.text]),
            ),
        };
    }

    /** What encrypts the state: the passphrase given, else one that this machine keeps. */
    crypter(): Promise<Crypter> {
        this.#crypter ??= this.#openState();
        return this.#crypter;
    }

    async #openState(): Promise<Crypter> {
        const { encryptionSalt, file } = this.stackFile;
        const passphrase =
            encryptionSalt !== undefined
                ? requiredPassphrase(file)
                : (givenPassphrase() ?? machinePassphrase(this.project.name));
        if (encryptionSalt !== undefined && this.stored.saltText !== encryptionSalt)
            await this.#open(passphrase, encryptionSalt, file);
        if (this.stored.saltText !== undefined) return this.#open(passphrase, this.stored.saltText, this.stored.file);
        return encryptionSalt !== undefined ? this.#open(passphrase, encryptionSalt, file) : createCrypter(passphrase);
    }

    readonly #opened = new Map<string, Promise<Crypter>>();

    /** Deriving a key takes a while on purpose; each one is derived once. */
    #open(passphrase: string, saltText: string, where: string): Promise<Crypter> {
        const opened = this.#opened.get(saltText) ?? openCrypter(passphrase, saltText, where);
        this.#opened.set(saltText, opened);
        return opened;
    }

    /** The state, decrypted. What is secret in it, generated values included, is kept out of all that is shown. */
    async store(): Promise<StateStore> {
        const crypter = telling(await this.crypter(), (secret) => this.#redactor.add(secret));
        return StateStore.open(this.stored, crypter, sdkVersion(this.project.directory));
    }

    /** Runs the program once, its registrations served by `registrar`. Resolves with whether it ended well. */
    async run(
        registrar: Registrar,
        options: {
            readonly dryRun: boolean;
            readonly signal: AbortSignal;
            readonly onMessage: (severity: "info" | "warning" | "error", text: string, urn: string) => void;
        },
    ): Promise<boolean> {
        const monitor = await startMonitor({
            project: this.project.name,
            stack: this.stack,
            registrar,
            log: (severity, message, urn) => {
                if (severity !== "debug") options.onMessage(severity, message, urn);
            },
        });
        try {
            const config = await this.config();
            const waiting = this.#program;
            this.#program = undefined;
            const result = await runProgram(
                {
                    project: this.project,
                    stack: this.stack,
                    config,
                    kubeconfig: this.cluster.kubeconfig,
                    dryRun: options.dryRun,
                    address: monitor.address,
                    onOutput: (line) => options.onMessage("info", line, ""),
                    signal: options.signal,
                },
                waiting,
            );
            if (result.message !== undefined && !options.signal.aborted) options.onMessage("error", result.message, "");
            return result.ok;
        } finally {
            monitor.close();
        }
    }

    #hide(text: string): void {
        this.#redactor.add(text);
        if (!/^[[{]/.test(text)) return;
        try {
            for (const leaf of leaves(JSON.parse(text))) this.#redactor.add(leaf);
        } catch {
            // not JSON after all: hidden as a whole
        }
    }
}

function leaves(value: unknown): string[] {
    if (typeof value === "string") return [value];
    return typeof value === "object" && value !== null ? Object.values(value).flatMap(leaves) : [];
}
