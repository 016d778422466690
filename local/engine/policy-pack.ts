/** One policy pack: its process, and the questions it is asked over gRPC. */
import type { ChildProcess } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import * as grpc from "@grpc/grpc-js";
import analyzerGrpc from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import analyzer from "@pulumi/pulumi/proto/analyzer_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { parse } from "yaml";
import { locate } from "../tools/index.ts";
import { EngineError, UsageError, messageOf } from "./errors.ts";
import type { Events } from "./events.ts";
import { forwardLines, startRunner } from "./program.ts";
import type { ConfigValue } from "./project.ts";
import { isObject, textOf, without } from "./values.ts";
import type { Values } from "./values.ts";

export interface PolicyOptions {
    readonly directories: readonly string[];
    /** JSON: a policy's name to its level, or to an object with `enforcementLevel` and its settings. */
    readonly configFile: string | undefined;
    readonly project: string;
    /** Of the program, where charts named by relative paths are. */
    readonly projectDirectory: string;
    readonly stack: string;
    readonly config: ReadonlyMap<string, ConfigValue>;
    /** `host:port` of an engine service for the pack's own messages. */
    readonly engineAddress: string;
    readonly events: Events;
}

const levels: Readonly<Record<string, number>> = { advisory: 0, mandatory: 1, disabled: 2, remediate: 3 };
const startTimeout = 30_000;

type Client = InstanceType<typeof analyzerGrpc.AnalyzerClient>;
type Reply<T> = (error: grpc.ServiceError | null, response: T) => void;

/** One pack's process. */
export class Pack {
    readonly #name: string;
    readonly #child: ChildProcess;
    readonly #client: Client;

    private constructor(name: string, child: ChildProcess, client: Client) {
        this.#name = name;
        this.#child = child;
        this.#client = client;
    }

    static async start(directory: string, options: PolicyOptions): Promise<Pack> {
        const manifest = path.join(directory, "PulumiPolicy.yaml");
        if (!fs.existsSync(manifest))
            throw new UsageError(`${manifest} does not exist: --policy-pack names the directory of a policy pack`);
        const content: unknown = parse(fs.readFileSync(manifest, "utf8"));
        const runtime = isObject(content) ? content["runtime"] : undefined;
        if ((isObject(runtime) ? runtime["name"] : runtime) !== "nodejs")
            throw new EngineError(`${manifest}: the embedded engine runs packs with runtime nodejs only`);
        const settings = isObject(runtime) && isObject(runtime["options"]) ? runtime["options"] : {};
        const { child, begin } = startRunner(directory, "run-policy-pack");
        begin({
            args: [options.engineAddress, directory],
            typescript: settings["typescript"] !== false,
            config: options.config,
            variables: {
                PULUMI_NODEJS_PROJECT: options.project,
                PULUMI_NODEJS_STACK: options.stack,
                PULUMI_NODEJS_DRY_RUN: "true",
                // Under the CLI this is where it was called; --cwd would leave it somewhere else.
                PWD: options.projectDirectory,
                ...(await helmVariable()),
            },
        });
        const port = await firstLine(child, directory, options.events);
        return new Pack(
            path.basename(directory),
            child,
            new analyzerGrpc.AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure()),
        );
    }

    async configure(settings: Readonly<Record<string, unknown>>, options: PolicyOptions): Promise<void> {
        const stack = new analyzer.AnalyzerStackConfigureRequest();
        stack.setProject(options.project);
        stack.setStack(options.stack);
        stack.setOrganization("organization");
        stack.setDryRun(true);
        await this.ask((client, reply) => client.configureStack(stack, reply)).catch((error: unknown) => {
            if ((error as grpc.ServiceError).code !== grpc.status.UNIMPLEMENTED) throw error;
        });
        const request = new analyzer.ConfigureAnalyzerRequest();
        for (const [policy, value] of Object.entries(settings)) {
            const config = new analyzer.PolicyConfig();
            const given = typeof value === "string" ? { enforcementLevel: value } : isObject(value) ? value : {};
            const level = given["enforcementLevel"];
            if (level !== undefined && levels[textOf(level)] === undefined)
                throw new UsageError(`policy ${policy}: "${textOf(level)}" is no enforcement level`);
            config.setEnforcementlevel(levels[textOf(level)] ?? 1);
            config.setProperties(toStruct(without(given, ["enforcementLevel"]) as Values));
            request.getPolicyconfigMap().set(policy, config);
        }
        if (Object.keys(settings).length > 0) await this.ask((client, reply) => client.configure(request, reply));
    }

    async ask<T>(call: (client: Client, reply: Reply<T>) => void): Promise<T> {
        return new Promise((resolve, reject) => {
            call(this.#client, (error, response) => {
                if (error === null) resolve(response);
                else
                    reject(
                        error.code === grpc.status.UNIMPLEMENTED
                            ? error
                            : new EngineError(`policy pack ${this.#name}: ${messageOf(error)}`),
                    );
            });
        });
    }

    close(): void {
        this.#client.close();
        this.#child.kill("SIGTERM");
    }
}

/** Tells packs that look into charts where the helm is that this repository has built, if it has. */
async function helmVariable(): Promise<Readonly<Record<string, string>>> {
    if (process.env["HELM"] !== undefined) return {};
    const { helm } = await locate(["helm"]).catch(() => ({ helm: "" }));
    return fs.existsSync(helm) ? { HELM: helm } : {};
}

/** A pack's first line is the port that it listens on; what follows is shown. */
async function firstLine(child: ChildProcess, directory: string, events: Events): Promise<string> {
    const errors: string[] = [];
    return new Promise((resolve, reject) => {
        let started = false;
        const fail = (why: string): void =>
            reject(new EngineError([`policy pack ${directory} ${why}`, ...errors].join("\n")));
        const timer = setTimeout(() => {
            child.kill("SIGKILL");
            fail("did not start in time");
        }, startTimeout);
        forwardLines(child.stdout, (line) => {
            if (started) events.message("info", line);
            started = true;
            clearTimeout(timer);
            resolve(line.trim());
        });
        forwardLines(child.stderr, (line) => (started ? events.message("info", line) : errors.push(line)));
        child.on("close", () => {
            clearTimeout(timer);
            fail("could not be started");
        });
    });
}

/** Properties as a message. */
export function toStruct(values: Values): InstanceType<typeof struct.Struct> {
    return struct.Struct.fromJavaScript(values);
}
