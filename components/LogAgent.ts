import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { LoggingConfig } from "../config/logging.ts";
import { secretNames } from "../config/secretNames.ts";
import { authorizationVariable, healthPort, logDirectory, pipeline, type PipelineArgs } from "./logPipeline.ts";
import { managedSecret, type ManagedSecretArgs } from "./managedSecret.ts";
import { environment } from "./shared/environment.ts";
import { selectorLabels } from "./shared/labels.ts";
import { nameHash, objectMetadata } from "./shared/metadata.ts";
import { namespace, policySpec, publicAddresses, to, toDns } from "./shared/networkPolicy.ts";
import { type MountedVolume, podTemplate } from "./shared/pod.ts";
import { podSecurityContext } from "./shared/podSecurity.ts";
import { containerProbes } from "./shared/probe.ts";
import { checksumAnnotations, Workload } from "./Workload.ts";

export interface LogAgentArgs
    extends ManagedSecretArgs, Omit<PipelineArgs, "isAuthorized" | "stateDirectory" | "headers"> {
    readonly config: LoggingConfig;
    /** Value of the header Authorization. Default: none, unless the Secret is created elsewhere. */
    readonly authorization?: pulumi.Input<string> | undefined;
    /** Whether the namespace refuses what no policy allows, and the agent has one. */
    readonly networkPolicy: boolean;
}

const component = "log-agent";
const authorizationKey = "authorization";
const configDirectory = "/etc/log-agent";
const runAsUser = 10001;
const rootGroup = 0;
const timings = { initialDelaySeconds: 0, periodSeconds: 10, timeoutSeconds: 5 };

/**
 * An OpenTelemetry Collector on each node, in a namespace of its own, that ships the logs of the stack's pods. Log files
 * belong to root and its group: the agent is in that group, and is root in nothing else.
 */
export class LogAgent extends Workload {
    public constructor(name: string, args: LogAgentArgs, opts?: pulumi.ComponentResourceOptions) {
        const { platform, config } = args;
        // The state records the arguments.
        const secret = args.authorization && { authorization: pulumi.secret(args.authorization) };
        super("tradestream:index:LogAgent", name, { ...args, ...secret, component }, opts);
        if (args.networkPolicy) {
            new kubernetes.networking.v1.NetworkPolicy(
                `${name}-default-deny`,
                { metadata: objectMetadata(platform, "default-deny"), spec: policySpec({}, {}) },
                { parent: this },
            );
        }
        const policy = this.networkPolicy(name, args.networkPolicy, { egress: [toDestination(args), toDns] });
        const authorization = this.authorization(name, args);
        const settings = pipeline({
            ...args,
            headers: config.headers,
            isAuthorized: authorization !== undefined,
            stateDirectory: "/tmp",
        });
        const configMap = new kubernetes.core.v1.ConfigMap(
            `${name}-config`,
            {
                // Another configuration is another ConfigMap, and so other pods.
                metadata: this.metadata({ name: `${this.fullname}-${nameHash(settings)}` }),
                data: { "config.yaml": JSON.stringify(settings, undefined, 2) },
            },
            { parent: this },
        );
        const probe = { ...timings, path: "/", port: "health" };
        const daemonSet = new kubernetes.apps.v1.DaemonSet(
            name,
            {
                metadata: this.metadata(),
                spec: {
                    selector: { matchLabels: { ...selectorLabels(platform, component) } },
                    template: podTemplate({
                        platform,
                        component,
                        config: { ...config, runAsUser },
                        serviceAccount: this.serviceAccount(name).metadata.name,
                        annotations: checksumAnnotations(authorization ? { [secretNames.logging]: authorization } : {}),
                        container: {
                            args: [`--config=${configDirectory}/config.yaml`],
                            env: environment({
                                [authorizationVariable]: authorization && {
                                    secret: authorization.secretName,
                                    key: authorizationKey,
                                },
                            }),
                            ...containerProbes({
                                liveness: { ...probe, failureThreshold: 6 },
                                readiness: { ...probe, failureThreshold: 3 },
                            }),
                        },
                        ports: [{ name: "health", containerPort: healthPort }],
                        volumes: volumes(configMap.metadata.name),
                        spec: {
                            securityContext: { ...podSecurityContext(runAsUser), supplementalGroups: [rootGroup] },
                        },
                    }),
                },
            },
            { parent: this, dependsOn: policy },
        );
        this.registerOutputs({ daemonSetName: daemonSet.metadata.name });
    }

    /** The Secret, where requests are to be authorized. */
    private authorization(name: string, args: LogAgentArgs): ReturnType<typeof managedSecret> | undefined {
        if (args.authorization === undefined && args.create !== false) return undefined;
        const required = { [authorizationKey]: args.authorization };
        return managedSecret(this, `${name}-secrets`, secretNames.logging, args, { required });
    }
}

function toDestination({ endpoint, config: { cidrs, storeNamespace } }: LogAgentArgs) {
    const url = new URL(endpoint);
    const peers =
        storeNamespace === undefined ? cidrs.map((cidr) => ({ ipBlock: { cidr } })) : [namespace(storeNamespace)];
    return to(peers.length > 0 ? peers : publicAddresses, Number(url.port || (url.protocol === "https:" ? 443 : 80)));
}

function volumes(configMap: pulumi.Input<string>): readonly MountedVolume[] {
    return [
        { volume: { name: "config", configMap: { name: configMap } }, mountPath: configDirectory },
        { volume: { name: "logs", hostPath: { path: logDirectory, type: "Directory" } }, mountPath: logDirectory },
    ];
}
