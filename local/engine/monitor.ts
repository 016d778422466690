/** The gRPC services that a program talks to: Pulumi's resource monitor and engine, as far as programs need them. */
import * as grpc from "@grpc/grpc-js";
import engineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import resourceGrpc from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import resource from "@pulumi/pulumi/proto/resource_pb.js";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { EngineError, messageOf } from "./errors.ts";
import type { Goal, Registered } from "./goal.ts";
import type { CustomTimeouts } from "./state/types.ts";
import type { Values } from "./values.ts";

/** What serves the program's registrations. */
export interface Registrar {
    urn(parent: string, type: string, name: string): string;
    register(goal: Goal): Promise<Registered>;
    registerOutputs(urn: string, outputs: Values): Promise<void>;
    /** A call that the engine does not serve; the run fails with this. */
    fail(message: string): void;
}

export type Severity = "debug" | "info" | "warning" | "error";

export interface MonitorOptions {
    readonly project: string;
    readonly stack: string;
    readonly registrar: Registrar;
    readonly log: (severity: Severity, message: string, urn: string) => void;
}

export interface Monitor {
    /** `host:port`. */
    readonly address: string;
    close(): void;
}

const maxMessageBytes = 400 * 1024 * 1024;

/** Starts the services on a free port of the loopback interface. */
export async function startMonitor(options: MonitorOptions): Promise<Monitor> {
    const server = new grpc.Server({
        "grpc.max_receive_message_length": maxMessageBytes,
        "grpc.max_send_message_length": maxMessageBytes,
    });
    server.addService(resourceGrpc.ResourceMonitorService, resourceMonitor(options));
    server.addService(engineGrpc.EngineService, engineService(options));
    const port = await new Promise<number>((resolve, reject) => {
        server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
            error ? reject(error) : resolve(bound),
        );
    });
    return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}

type Call<T> = grpc.ServerUnaryCall<T, unknown>;
type Reply = grpc.sendUnaryData<unknown>;

function resourceMonitor({ project, stack, registrar }: MonitorOptions): grpc.UntypedServiceImplementation {
    const refuse =
        <T>(what: (request: T) => string) =>
        (call: Call<T>, reply: Reply): void => {
            const message = `${what(call.request)} is not supported by the embedded engine; deploy this program with the official CLI`;
            registrar.fail(message);
            reply({ code: grpc.status.UNIMPLEMENTED, message });
        };
    return {
        getDeploymentInfo: (_call: Call<unknown>, reply: Reply) => {
            const info = new resource.DeploymentInfo();
            info.setProject(project);
            info.setStack(stack);
            info.setSupportedfeaturesList([resource.ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_SECRETS]);
            reply(null, info);
        },
        registerResource: (call: Call<RegisterResourceRequest>, reply: Reply) => {
            void (async () => {
                try {
                    reply(null, toResponse(await registrar.register(toGoal(call.request, registrar))));
                } catch (error) {
                    registrar.fail(messageOf(error));
                    reply({ code: grpc.status.FAILED_PRECONDITION, message: messageOf(error) });
                }
            })();
        },
        registerResourceOutputs: (
            call: Call<InstanceType<typeof resource.RegisterResourceOutputsRequest>>,
            reply: Reply,
        ) => {
            registrar.registerOutputs(call.request.getUrn(), toValues(call.request.getOutputs())).then(
                () => reply(null, new empty.Empty()),
                (error: unknown) => reply({ code: grpc.status.INTERNAL, message: messageOf(error) }),
            );
        },
        invoke: refuse(
            (request: InstanceType<typeof resource.ResourceInvokeRequest>) => `the function ${request.getTok()}`,
        ),
        call: refuse((request: InstanceType<typeof resource.ResourceCallRequest>) => `the method ${request.getTok()}`),
        readResource: refuse(
            (request: InstanceType<typeof resource.ReadResourceRequest>) =>
                `reading ${request.getName()} (${request.getType()})`,
        ),
        registerStackTransform: refuse(() => "a stack transform"),
        registerStackInvokeTransform: refuse(() => "an invoke transform"),
        registerResourceHook: refuse(() => "a resource hook"),
        registerErrorHook: refuse(() => "an error hook"),
        registerPackage: refuse(
            (request: InstanceType<typeof resource.RegisterPackageRequest>) =>
                `the parameterized package ${request.getName()}`,
        ),
    };
}

function engineService({ log }: MonitorOptions): grpc.UntypedServiceImplementation {
    const severities: readonly Severity[] = ["debug", "info", "warning", "error"];
    let root = "";
    return {
        log: (call: Call<LogRequest>, reply: Reply) => {
            const severity = severities[call.request.getSeverity()] ?? "info";
            if (!call.request.getEphemeral()) log(severity, call.request.getMessage(), call.request.getUrn());
            reply(null, new empty.Empty());
        },
        getRootResource: (_call: Call<unknown>, reply: Reply) => {
            const response = new engine.GetRootResourceResponse();
            response.setUrn(root);
            reply(null, response);
        },
        setRootResource: (call: Call<InstanceType<typeof engine.SetRootResourceRequest>>, reply: Reply) => {
            root = call.request.getUrn();
            reply(null, new engine.SetRootResourceResponse());
        },
        requirePulumiVersion: (_call: Call<unknown>, reply: Reply) =>
            reply(null, new engine.RequirePulumiVersionResponse()),
    };
}

/** Reads a registration. Throws, by name, for options that the engine does not have. */
function toGoal(request: RegisterResourceRequest, registrar: Registrar): Goal {
    const [type, name, parent] = [request.getType(), request.getName(), request.getParent()];
    const refused: readonly (readonly [boolean, string])[] = [
        [request.getRemote(), `the component ${type}, which lives in a plugin,`],
        [request.getImportid() !== "", "the option import"],
        [request.getTransformsList().length > 0, "the option transforms"],
        [request.getDeletedwith() !== "", "the option deletedWith"],
        [request.getReplaceWithList().length > 0, "the option replaceWith"],
        [request.hasReplacementTrigger(), "the option replacementTrigger"],
        [request.hasHooks(), "the option hooks"],
        [request.getStateMigrationsList().length > 0, "the option stateMigrations"],
        [request.getPackageref() !== "", "a parameterized package"],
    ];
    const unsupported = refused.find(([given]) => given)?.[1];
    if (unsupported !== undefined)
        throw new EngineError(`${name} (${type}): ${unsupported} is not supported by the embedded engine`);
    const properties = [...request.getPropertydependenciesMap().entries()];
    return {
        urn: registrar.urn(parent, type, name),
        type,
        name,
        custom: request.getCustom(),
        inputs: toValues(request.getObject()),
        parent,
        protect: request.getProtect() === true,
        dependencies: request.getDependenciesList(),
        propertyDependencies: Object.fromEntries(properties.map(([key, urns]) => [key, urns.getUrnsList()])),
        provider: request.getProvider(),
        version: request.getVersion(),
        deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
        ignoreChanges: request.getIgnorechangesList(),
        replaceOnChanges: request.getReplaceonchangesList(),
        additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
        aliases: request.getAliasurnsList(),
        customTimeouts: toTimeouts(request.getCustomtimeouts()),
        retainOnDelete: request.getRetainondelete() === true,
    };
}

function toResponse(registered: Registered): InstanceType<typeof resource.RegisterResourceResponse> {
    const response = new resource.RegisterResourceResponse();
    const outputs = Object.fromEntries(Object.entries(registered.outputs).filter(([key]) => !key.startsWith("__")));
    response.setUrn(registered.urn);
    response.setId(registered.id);
    response.setObject(struct.Struct.fromJavaScript(outputs));
    response.setResult(registered.ok ? resource.Result.SUCCESS : resource.Result.FAIL);
    return response;
}

function toValues(properties: InstanceType<typeof struct.Struct> | undefined): Values {
    return properties?.toJavaScript() ?? {};
}

/** Durations such as `10m` or `1h30m`, in seconds. */
function toTimeouts(timeouts: RegisterResourceRequest.CustomTimeouts | undefined): CustomTimeouts {
    const seconds = {
        create: parseDuration(timeouts?.getCreate()),
        update: parseDuration(timeouts?.getUpdate()),
        delete: parseDuration(timeouts?.getDelete()),
    };
    return Object.fromEntries(Object.entries(seconds).filter(([, value]) => value > 0));
}

function parseDuration(text: string | undefined): number {
    const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };
    let seconds = 0;
    for (const [, amount, unit] of (text ?? "").matchAll(/([\d.]+)(h|ms|m|s)/g))
        seconds += Number(amount) * (units[unit ?? ""] ?? 0);
    return seconds;
}
