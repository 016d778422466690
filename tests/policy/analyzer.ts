import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { credentials, type ServiceError } from "@grpc/grpc-js";

// The SDK's own generated messages, as the engine's counterpart; they come without types.
const require = createRequire(import.meta.url);
const messages = require("@pulumi/pulumi/proto/analyzer_pb.js") as Record<string, MessageClass>;
const services = require("@pulumi/pulumi/proto/analyzer_grpc_pb.js") as { AnalyzerClient: ClientClass };
const { Struct } = require("google-protobuf/google/protobuf/struct_pb.js") as {
    Struct: { fromJavaScript(value: unknown): unknown };
};

interface Message {
    toObject(): Record<string, unknown>;
    [method: string]: (...args: unknown[]) => unknown;
}
type MessageClass = new () => Message;
type Call = (request: Message, callback: (error: ServiceError | null, response: Message) => void) => void;
type Client = Record<string, Call> & { close(): void };
type ClientClass = new (address: string, security: unknown) => Client;

/** What the protocol writes for values that a preview does not know. */
export const UNKNOWN_ON_THE_WIRE = {
    string: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    boolean: "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    number: "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    array: "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    object: "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
} as const;

/** A value that is marked as a secret, as the protocol writes it. */
export function secretOnTheWire(value: unknown): unknown {
    return { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value };
}

/** A resource as the engine sends it. */
export interface WireResource {
    readonly type: string;
    readonly name: string;
    readonly properties: unknown;
    readonly protect?: boolean;
    readonly parent?: string;
}

/** What the pack answers, one entry per violation. */
export interface Diagnostic {
    readonly policyname: string;
    readonly message: string;
    readonly urn: string;
    /** 0 advisory, 1 mandatory. */
    readonly enforcementlevel: number;
}

/** A policy pack in a process of its own, started as Pulumi's language host for Node.js starts it. */
export class PackProcess {
    readonly #child: ChildProcess;
    readonly #client: Client;
    readonly #stopAll: () => void;
    #errors = "";

    private constructor(child: ChildProcess, client: Client) {
        this.#child = child;
        this.#client = client;
        child.stderr?.on("data", (text: Buffer) => (this.#errors += text.toString()));
        this.#stopAll = () => void child.kill("SIGKILL");
        process.once("exit", this.#stopAll);
    }

    /**
     * Starts a pack and waits until it serves.
     * @param directory the pack's, with its PulumiPolicy.yaml
     * @param env added to the environment
     */
    static async start(directory: string, env: NodeJS.ProcessEnv = {}): Promise<PackProcess> {
        const main = require.resolve("@pulumi/pulumi/cmd/run-policy-pack/index.js");
        const engine = await freePort();
        const child = spawn(process.execPath, [main, `127.0.0.1:${engine}`, directory], {
            cwd: directory,
            // As from a program without a policy-config.json of its own.
            env: { ...process.env, PWD: directory, ...env },
            stdio: ["ignore", "pipe", "pipe"],
        });
        let errors = "";
        child.stderr.on("data", (text: Buffer) => (errors += text.toString()));
        const port = await new Promise<string>((done, fail) => {
            createInterface(child.stdout).once("line", done);
            child.once("close", (code) => fail(new Error(`the pack stopped with status ${code}: ${errors}`)));
            child.once("error", fail);
        });
        return new PackProcess(child, new services.AnalyzerClient(`127.0.0.1:${port}`, credentials.createInsecure()));
    }

    /** Sends the configuration of one policy, as `--policy-pack-config` gives it. */
    async configure(policy: string, properties: unknown, level: "advisory" | "mandatory" | "disabled" = "mandatory") {
        const config = create("PolicyConfig");
        config["setEnforcementlevel"]?.({ advisory: 0, mandatory: 1, disabled: 2 }[level]);
        config["setProperties"]?.(Struct.fromJavaScript(properties));
        const request = create("ConfigureAnalyzerRequest");
        (request["getPolicyconfigMap"]?.() as Map<string, Message>).set(policy, config);
        await this.#call("configure", request);
    }

    /** Tells the stack, as newer engines do before anything else. */
    async configureStack(): Promise<void> {
        const request = create("AnalyzerStackConfigureRequest");
        request["setStack"]?.("production");
        request["setProject"]?.("shop");
        await this.#call("configureStack", request);
    }

    /** What the pack says of itself. */
    async info(): Promise<Record<string, unknown>> {
        return this.#call(
            "getAnalyzerInfo",
            new (require("google-protobuf/google/protobuf/empty_pb.js") as { Empty: MessageClass }).Empty(),
        );
    }

    /** Checks one resource. */
    async analyze(resource: WireResource): Promise<readonly Diagnostic[]> {
        return diagnostics(await this.#call("analyze", this.#request("AnalyzeRequest", resource)));
    }

    /** Asks the pack to remediate one resource; it changes nothing. */
    async remediate(resource: WireResource): Promise<readonly unknown[]> {
        const answer = await this.#call("remediate", this.#request("AnalyzeRequest", resource));
        return (answer["remediationsList"] ?? []) as readonly unknown[];
    }

    /** Checks how all resources relate. */
    async analyzeStack(resources: readonly WireResource[]): Promise<readonly Diagnostic[]> {
        const request = create("AnalyzeStackRequest");
        request["setResourcesList"]?.(resources.map((resource) => this.#request("AnalyzerResource", resource)));
        return diagnostics(await this.#call("analyzeStack", request));
    }

    /** Processor time that the process has taken so far, in milliseconds (from /proc, in steps of ten). */
    cpu(): number {
        const fields = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8")
            .replace(/^.*\) /, "")
            .split(" ");
        return 10 * (Number(fields[11]) + Number(fields[12]));
    }

    /** Stops the process and waits until it is gone. */
    async stop(): Promise<void> {
        this.#client.close();
        process.off("exit", this.#stopAll);
        const gone = new Promise((done) => this.#child.once("close", done));
        this.#child.kill("SIGTERM");
        await gone;
    }

    #request(type: string, { type: token, name, properties, protect = false }: WireResource): Message {
        const request = create(type);
        request["setType"]?.(token);
        request["setName"]?.(name);
        request["setUrn"]?.(urnOf({ type: token, name }));
        request["setProperties"]?.(Struct.fromJavaScript(properties));
        const options = create("AnalyzerResourceOptions");
        options["setProtect"]?.(protect);
        request["setOptions"]?.(options);
        return request;
    }

    #call(method: string, request: Message): Promise<Record<string, unknown>> {
        return new Promise((done, fail) => {
            this.#client[method]?.(request, (error, response) => {
                if (error === null) done(response.toObject());
                else fail(new Error(`${method}: ${error.message}\n${this.#errors}`));
            });
        });
    }
}

/** The URN that the tests give to a resource. */
export function urnOf({ type, name }: Pick<WireResource, "type" | "name">): string {
    return `urn:pulumi:production::shop::${type}::${name}`;
}

/** A manifest as the resource that makes it. */
export function toResource(body: unknown, protect = false): WireResource {
    const { apiVersion, kind, metadata } = body as { apiVersion: string; kind: string; metadata: { name: string } };
    const version = apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`;
    return { type: `kubernetes:${version}:${kind}`, name: metadata.name, properties: body, protect };
}

/** Directory of the pack. */
export const PACK = path.resolve(import.meta.dirname, "../../policy-pack");

function create(type: string): Message {
    const Type = messages[type];
    if (Type === undefined) throw new Error(`the SDK has no message ${type}`);
    return new Type();
}

function diagnostics(answer: Record<string, unknown>): readonly Diagnostic[] {
    return (answer["diagnosticsList"] ?? []) as readonly Diagnostic[];
}

function freePort(): Promise<number> {
    return new Promise((done, fail) => {
        const server = createServer().once("error", fail);
        server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            server.close(() => done(typeof address === "object" && address !== null ? address.port : 0));
        });
    });
}
