/** Runs the whole program against recording mocks: nothing leaves the process. */
import type resources from "@pulumi/pulumi/proto/resource_pb.js";
import * as pulumi from "@pulumi/pulumi";
import { type Change, configuration, project, raw, type Stack } from "./configuration.ts";

/** A registered resource. */
export interface Recorded {
    readonly urn: string;
    readonly type: string;
    readonly name: string;
    /** Name of the parent; `undefined` for what has the stack as parent. */
    readonly parent: string | undefined;
    /** Whether a provider makes it; the others are components. */
    readonly custom: boolean;
    /** Name of the explicit provider; empty where Pulumi would take its default one. */
    readonly provider: string;
    readonly protect: boolean;
    readonly ignoreChanges: readonly string[];
    /** Value whose change replaces the resource; `undefined` where there is none. */
    readonly replacementTrigger: unknown;
    readonly deleteBeforeReplace: boolean;
    /** What the resource is imported from; empty where it is made. */
    readonly imported: string;
    /** Names of what must be there before, by inputs or by `dependsOn`. */
    readonly dependencies: readonly string[];
    /** Inputs in plain text. */
    readonly inputs: Inputs;
    /** Paths of inputs that Pulumi keeps encrypted. */
    readonly secretPaths: readonly string[];
}

export type Inputs = Record<string, unknown>;

/** What a run of the program gives. */
export interface Program {
    /** Everything registered, in order. */
    readonly resources: readonly Recorded[];
    /** Exports of the program, resolved. */
    readonly exports: Readonly<Record<string, unknown>>;
    /** Outputs that components register, by name of the component. */
    readonly componentOutputs: ReadonlyMap<string, unknown>;
    readonly warnings: readonly string[];
}

export interface RunOptions {
    /** Whether it is a preview: what is generated is then unknown. Default: false. */
    readonly preview?: boolean;
    /** Top-level keys that the stack file encrypts; as in a real run, the program can ask which. Default: all secrets. */
    readonly encrypted?: readonly string[];
    /** Outputs of the stack after its last update. Default: there has been none. */
    readonly earlier?: Readonly<Record<string, unknown>>;
}

/** Stands for a value that is not known in a preview. Source: `unknownValue` of the SDK's rpc module. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const secretSignature = "4dabf18193072939515e22adb298388d";
/** As the CLI calls it in a backend without organizations. */
const organization = "organization";
const encryptedKeys = "PULUMI_CONFIG_SECRET_KEYS";

let runs = 0;

/** Runs the program with the configuration of a stack and a change to it. */
export async function runProgram(stack: Stack, change: Change = {}, options: RunOptions = {}): Promise<Program> {
    const recording = startRecording(stack, options);
    const config = raw(configuration(stack, change));
    pulumi.runtime.setAllConfig(
        Object.fromEntries(
            Object.entries(config).map(([key, value]) => [key.includes(":") ? key : `${project}:${key}`, value]),
        ),
    );
    process.env[encryptedKeys] = JSON.stringify((options.encrypted ?? []).map((key) => `${project}:${key}`));
    const log = pulumi.log as { warn: typeof pulumi.log.warn };
    const { warn } = log;
    log.warn = (message) => {
        recording.warnings.push(message);
        return Promise.resolve();
    };
    try {
        const module = (await import(`../../index.ts?run=${++runs}`)) as Record<string, unknown>;
        await pulumi.runtime.disconnect();
        return { ...recording, exports: await resolve(module) };
    } finally {
        log.warn = warn;
        delete process.env[encryptedKeys];
    }
}

/** Runs another program of this repository, which reads no configuration. */
export async function runProgramFile(file: string): Promise<Program> {
    const recording = startRecording("local");
    const module = (await import(`../../${file}?run=${++runs}`)) as Record<string, unknown>;
    await pulumi.runtime.disconnect();
    return { ...recording, exports: await resolve(module) };
}

function startRecording(stack: Stack, { preview = false, earlier = {} }: RunOptions = {}) {
    const recorded: Recorded[] = [];
    const componentOutputs = new Map<string, unknown>();
    const warnings: string[] = [];
    void pulumi.runtime.setMocks(
        {
            newResource: ({ type, name, inputs }) =>
                type === "pulumi:pulumi:StackReference"
                    ? { id: name, state: { ...(inputs as Inputs), outputs: earlier } }
                    : {
                          id: preview ? undefined : `${name}-id`,
                          state: { ...(inputs as Inputs), ...generated(type, name, inputs as Inputs, preview) },
                      },
            call: ({ token }) => {
                throw new Error(`${token} is called, and nothing here should call anything`);
            },
        },
        project,
        stack,
        preview,
        organization,
    );
    // The mocks' own interface leaves out parents, dependencies and protection.
    const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request, callback) => {
        recorded.push(recordedOf(request, stack));
        return register(request, callback);
    };
    const registerOutputs = monitor.registerResourceOutputs.bind(monitor);
    monitor.registerResourceOutputs = (request, callback) => {
        componentOutputs.set(nameOf(request.getUrn()), plain(request.getOutputs()?.toJavaScript()));
        return registerOutputs(request, callback);
    };
    return { resources: recorded, componentOutputs, warnings };
}

interface Monitor {
    registerResource(request: resources.RegisterResourceRequest, callback: unknown): unknown;
    registerResourceOutputs(request: resources.RegisterResourceOutputsRequest, callback: unknown): unknown;
}

function recordedOf(request: resources.RegisterResourceRequest, stack: Stack): Recorded {
    const inputs: unknown = request.getObject()?.toJavaScript() ?? {};
    const secretPaths: string[] = [];
    const plainInputs = plain(inputs, "", secretPaths) as Inputs;
    return {
        urn: ["urn:pulumi", stack, "", project, "", request.getType(), "", request.getName()].join(":"),
        type: request.getType(),
        name: request.getName(),
        parent: nameOf(request.getParent()) || undefined,
        custom: request.getCustom(),
        provider: nameOf(request.getProvider().replace(/::[^:]*$/, "")),
        protect: request.getProtect() ?? false,
        ignoreChanges: request.getIgnorechangesList(),
        replacementTrigger: request.getReplacementTrigger()?.toJavaScript(),
        deleteBeforeReplace: request.getDeletebeforereplace(),
        imported: request.getImportid(),
        dependencies: request.getDependenciesList().map(nameOf),
        inputs: plainInputs,
        secretPaths,
    };
}

function nameOf(urn: string): string {
    return urn.split("::").at(-1) ?? "";
}

/** What providers add: the results of random resources, secret as the real ones are. */
function generated(type: string, name: string, inputs: Inputs, preview: boolean): Inputs {
    const length = Number(inputs["length"]);
    switch (type) {
        case "random:index/randomPassword:RandomPassword":
            return {
                result: preview
                    ? unknown
                    : pulumi.secret(name.replaceAll("-", "X").padEnd(length, "x").slice(0, length)),
            };
        case "random:index/randomUuid:RandomUuid":
            return { result: preview ? unknown : "00000000-0000-4000-8000-000000000000" };
        case "random:index/randomBytes:RandomBytes":
            return { base64: preview ? unknown : pulumi.secret(Buffer.alloc(length, name).toString("base64")) };
        default:
            return {};
    }
}

/** A value without the wrappers around its secrets, whose places are noted. */
function plain(value: unknown, path = "", secretPaths: string[] = []): unknown {
    if (Array.isArray(value)) {
        return value.map((item, index) => plain(item, `${path}[${index}]`, secretPaths));
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    if (secretSignature in value) {
        secretPaths.push(path);
        return plain((value as { readonly value?: unknown }).value, path, secretPaths);
    }
    return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [
            key,
            plain(item, path === "" ? key : `${path}.${key}`, secretPaths),
        ]),
    );
}

async function resolve(module: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
    return new Promise((done) => {
        const output = pulumi.output({ ...module } as Record<string, unknown>);
        output.apply((values) => done(plain(values) as Record<string, unknown>));
    });
}
