import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { objectLabels } from "./shared/labels.ts";
import { objectMetadata } from "./shared/metadata.ts";
import { type NamespaceLimits, namespaceLimits } from "./shared/limits.ts";
import { from, namespace, policySpec, solver } from "./shared/networkPolicy.ts";

export interface TradeStreamNamespaceArgs {
    readonly name: pulumi.Input<string>;
    /** Name of the system, for labels. */
    readonly system: string;
    /** Name of the Helm release, which names begin with. */
    readonly releaseName: string;
    /** Whether to create the namespace; otherwise it must exist. */
    readonly create: boolean;
    /** Pod Security Standard to enforce. */
    readonly podSecurity: "restricted" | "baseline" | "privileged";
    /** Whether traffic that no NetworkPolicy allows is refused. */
    readonly defaultDeny: boolean;
    /** Namespace of the ingress controller, where cert-manager gets certificates by ACME. Default: no certificates. */
    readonly solverIngressNamespace?: string | undefined;
    /** What all pods may take together, and what containers without an amount of their own take. Default: no limits. */
    readonly limits?: NamespaceLimits;
    /** Whether the namespace refuses deletion. */
    readonly protect: boolean;
}

/**
 * The namespace: it enforces a Pod Security Standard, refuses traffic that no policy allows, and limits what pods take.
 * Source: https://kubernetes.io/docs/concepts/security/pod-security-admission/
 */
export class TradeStreamNamespace extends pulumi.ComponentResource {
    /** Name of the namespace, known when it exists. */
    public readonly namespace: pulumi.Output<string>;

    public constructor(name: string, args: TradeStreamNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tradestream:index:TradeStreamNamespace", name, args, opts);
        const { podSecurity } = args;
        const platform = { system: args.system, namespace: args.name, releaseName: args.releaseName };
        const created = args.create
            ? new kubernetes.core.v1.Namespace(
                  name,
                  {
                      metadata: {
                          name: args.name,
                          labels: {
                              ...objectLabels(platform),
                              "pod-security.kubernetes.io/enforce": podSecurity,
                              "pod-security.kubernetes.io/audit": "restricted",
                              "pod-security.kubernetes.io/warn": podSecurity,
                          },
                      },
                  },
                  { parent: this, protect: args.protect },
              )
            : undefined;
        this.namespace = created?.metadata.name ?? pulumi.output(args.name);
        const policy = (suffix: string, spec: ReturnType<typeof policySpec>) =>
            new kubernetes.networking.v1.NetworkPolicy(
                `${name}-${suffix}`,
                {
                    metadata: objectMetadata({ ...platform, namespace: this.namespace }, suffix),
                    spec,
                },
                { parent: this },
            );
        if (args.defaultDeny) {
            policy("default-deny", policySpec({}, {}));
        }
        if (args.defaultDeny && args.solverIngressNamespace !== undefined) {
            const ingress = [from([namespace(args.solverIngressNamespace)], solver.port)];
            policy("acme-solver", policySpec(solver.labels, { ingress }));
        }
        const { quota, limitRange } = namespaceLimits(args.limits);
        if (quota !== undefined) {
            new kubernetes.core.v1.ResourceQuota(
                `${name}-quota`,
                { metadata: objectMetadata({ ...platform, namespace: this.namespace }, "quota"), spec: quota },
                { parent: this },
            );
        }
        if (limitRange !== undefined) {
            new kubernetes.core.v1.LimitRange(
                `${name}-limit-range`,
                {
                    metadata: objectMetadata({ ...platform, namespace: this.namespace }, "limit-range"),
                    spec: limitRange,
                },
                { parent: this },
            );
        }
        this.registerOutputs({ namespace: this.namespace });
    }
}
