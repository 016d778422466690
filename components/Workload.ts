import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Additions, addedEgress } from "./shared/additions.ts";
import { objectLabels, selectorLabels } from "./shared/labels.ts";
import { type NetworkRules, policySpec } from "./shared/networkPolicy.ts";
import { objectName, type Platform } from "./shared/platform.ts";
import type { ImageConfig } from "./shared/pod.ts";

type Metadata = kubernetes.types.input.meta.v1.ObjectMeta;

/** A Secret that pods read, and the checksum that restarts them when it changes. */
export interface SecretSource {
    readonly secretName: pulumi.Input<string>;
    readonly checksum: pulumi.Input<string> | undefined;
}

/** What every workload is given. */
export interface WorkloadArgs {
    readonly platform: Platform;
    /** Name of the workload: in names, in the label `app.kubernetes.io/component`, and of the container. */
    readonly component: string;
    readonly config: Additions & { readonly image: ImageConfig };
}

/** What a component around pods has in common: names, labels, a service account without token, a network policy. */
export abstract class Workload extends pulumi.ComponentResource {
    protected readonly component: string;
    protected readonly platform: Platform;
    /** `<releaseName>-<component>`, the name of its objects. */
    protected readonly fullname: string;
    private readonly version: string;
    private readonly additions: Additions;

    protected constructor(
        type: string,
        name: string,
        args: WorkloadArgs,
        opts: pulumi.ComponentResourceOptions | undefined,
    ) {
        super(type, name, args, opts);
        this.component = args.component;
        this.platform = args.platform;
        this.fullname = objectName(args.platform, args.component);
        this.version = args.config.image.tag;
        this.additions = args.config;
    }

    /** Metadata of an object of this workload. */
    protected metadata(extra: Metadata = {}): Metadata {
        return {
            name: this.fullname,
            namespace: this.platform.namespace,
            labels: { ...objectLabels(this.platform, this.component, this.version) },
            ...extra,
        };
    }

    /** Creates the service account of the pods. */
    protected serviceAccount(name: string): kubernetes.core.v1.ServiceAccount {
        const annotations = this.additions.serviceAccount?.annotations ?? {};
        const hasAnnotations = Object.keys(annotations).length > 0;
        return new kubernetes.core.v1.ServiceAccount(
            `${name}-account`,
            {
                metadata: this.metadata({ ...(hasAnnotations && { annotations: { ...annotations } }) }),
                automountServiceAccountToken: false,
            },
            { parent: this },
        );
    }

    /** Creates the policy of the pods, in both directions, unless it is disabled. */
    protected networkPolicy(
        name: string,
        enabled: boolean,
        rules: NetworkRules,
    ): kubernetes.networking.v1.NetworkPolicy[] {
        return enabled
            ? [
                  new kubernetes.networking.v1.NetworkPolicy(
                      `${name}-network-policy`,
                      {
                          metadata: this.metadata(),
                          spec: policySpec(selectorLabels(this.platform, this.component), {
                              ...rules,
                              egress: [
                                  ...(rules.egress ?? []),
                                  ...(this.platform.podDefaults?.egress ?? []),
                                  ...addedEgress(this.additions),
                              ],
                          }),
                      },
                      { parent: this },
                  ),
              ]
            : [];
    }
}

/** Annotations that restart pods when the content of a Secret changes; none for Secrets created elsewhere. */
export function checksumAnnotations(
    secrets: Readonly<Record<string, SecretSource>>,
): Readonly<Record<string, pulumi.Input<string>>> {
    return Object.fromEntries(
        Object.entries(secrets).flatMap(([name, { checksum }]) =>
            checksum === undefined ? [] : [[`checksum/${name}`, checksum]],
        ),
    );
}
