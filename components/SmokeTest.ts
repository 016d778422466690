import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { SmokeTestConfig } from "../config/services/index.ts";
import { environment } from "./shared/environment.ts";
import { nameHash } from "./shared/metadata.ts";
import { pods, to, toDns, toProxies } from "./shared/networkPolicy.ts";
import type { Platform } from "./shared/platform.ts";
import { podTemplate } from "./shared/pod.ts";
import { smokeTestScript, type Target } from "./smokeTestChecks.ts";
import { checksumAnnotations, type SecretSource, Workload } from "./Workload.ts";

export interface SmokeTestArgs {
    readonly platform: Platform;
    readonly config: SmokeTestConfig;
    readonly targets: readonly Target[];
    /** Configuration of what is tested: where it changes, the test runs again. */
    readonly tested: unknown;
    /** Secrets of what is tested, for the same reason; the test itself reads none. */
    readonly secrets: Readonly<Record<string, SecretSource>>;
    /** Namespace of the pods that bring requests from outside. */
    readonly ingressNamespace: string;
    /** Whether the pod has a network policy. */
    readonly networkPolicy: boolean;
}

export const smokeTestComponent = "smoke-test";

/** The Job that calls the services when all of them are deployed. `up` fails with it. */
export class SmokeTest extends Workload {
    public constructor(name: string, args: SmokeTestArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tradestream:index:SmokeTest", name, { ...args, component: smokeTestComponent }, opts);
        const { config, platform, targets } = args;
        const policy = this.networkPolicy(name, args.networkPolicy, {
            egress: [
                ...targets.map(({ component, port }) => to([pods(platform, component)], port)),
                ...(config.hosts.enabled ? toProxies(args.ingressNamespace) : []),
                toDns,
            ],
        });
        const account = this.serviceAccount(name);
        const script = smokeTestScript(targets.flatMap(({ checks }) => checks));
        const job = new kubernetes.batch.v1.Job(
            `${name}-job`,
            {
                // A Job cannot be changed: a test of something else is another Job. A failed one is replaced by the next `up`.
                metadata: this.metadata({
                    name: `${this.fullname}-${nameHash([config, script, args.tested])}`,
                    annotations: { "pulumi.com/replaceUnready": "true" },
                }),
                spec: {
                    // The script tries again by itself.
                    backoffLimit: 0,
                    activeDeadlineSeconds: config.activeDeadlineSeconds,
                    template: podTemplate({
                        platform,
                        component: smokeTestComponent,
                        config,
                        serviceAccount: account.metadata.name,
                        annotations: checksumAnnotations(args.secrets),
                        container: {
                            command: ["/bin/sh", "-c", script],
                            env: environment(config.env),
                            // The provider prints the message of a container that has failed: with it, `up` has the report.
                            terminationMessagePolicy: "FallbackToLogsOnError",
                        },
                        spec: { restartPolicy: "Never" },
                    }),
                },
            },
            // Going back brings the old name again: the old Job must not wait for its deletion beside a failed one.
            { parent: this, dependsOn: policy, deleteBeforeReplace: true },
        );
        this.registerOutputs({ jobName: job.metadata.name });
    }
}
