/** What a stack adds to the pods of a workload. Nothing of it replaces what the program relies on. */
import type { types } from "@pulumi/kubernetes";
import type { Labels } from "./labels.ts";
import { namespace, publicAddresses } from "./networkPolicy.ts";
import type { MountedVolume } from "./pod.ts";
import { containerSecurityContext } from "./podSecurity.ts";

type Egress = types.input.networking.v1.NetworkPolicyEgressRule;
type VolumeSource = Omit<types.input.core.v1.Volume, "name">;

/** A Secret or a ConfigMap whose keys all become variables. */
interface VariableSource {
    readonly prefix?: string | undefined;
    readonly secretRef?: ObjectReference | undefined;
    readonly configMapRef?: ObjectReference | undefined;
}

interface ObjectReference {
    readonly name: string;
    readonly optional?: boolean | undefined;
}

/** A volume with its place; one of the sources is given. */
interface VolumeConfig {
    readonly name: string;
    readonly mountPath: string;
    /** Default: true; false for an emptyDir. */
    readonly readOnly?: boolean | undefined;
    readonly configMap?: { readonly name: string } | undefined;
    readonly secret?: { readonly secretName: string } | undefined;
    readonly emptyDir?: { readonly sizeLimit: string } | undefined;
    readonly persistentVolumeClaim?: { readonly claimName: string } | undefined;
}

/** A container as in a pod's spec. */
interface ContainerConfig {
    readonly name: string;
    readonly image: string;
    readonly [field: string]: unknown;
}

/** Additions to pods, as in the configuration of each service. */
export interface Additions {
    readonly initContainers?: readonly ContainerConfig[] | undefined;
    readonly sidecars?: readonly ContainerConfig[] | undefined;
    readonly priorityClassName?: string | undefined;
    readonly envFrom?: readonly VariableSource[] | undefined;
    readonly volumes?: readonly VolumeConfig[] | undefined;
    readonly podLabels?: Labels | undefined;
    readonly serviceAccount?: { readonly annotations?: Labels | undefined } | undefined;
    readonly networkPolicy?: { readonly egress?: readonly EgressConfig[] | undefined } | undefined;
}

/** Connections to addresses, to a namespace or to all public addresses; one of them is given. */
interface EgressConfig {
    readonly cidrs?: readonly string[] | undefined;
    readonly namespace?: string | undefined;
    readonly public?: true | undefined;
    readonly ports: readonly number[];
    readonly protocol: "TCP" | "UDP" | "SCTP";
}

/** The additional volumes, with their mounts. */
export function addedVolumes({ volumes = [] }: Additions): readonly MountedVolume[] {
    return volumes.map(({ name, mountPath, readOnly, ...source }) => ({
        volume: { name, ...given<VolumeSource>(source) },
        mountPath,
        readOnly: readOnly ?? source.emptyDir === undefined,
    }));
}

/**
 * The additional containers: those that end before the main one starts, then those that stay beside it. All are under the
 * "restricted" standard, whatever they say; only their user is theirs to choose.
 */
export function addedContainers({ initContainers = [], sidecars = [] }: Additions): types.input.core.v1.Container[] {
    const staying: ContainerConfig[] = sidecars.map((sidecar) => ({ ...sidecar, restartPolicy: "Always" }));
    return [...initContainers, ...staying].map((container) => ({
        ...container,
        securityContext: { ...(container["securityContext"] as object | undefined), ...containerSecurityContext },
    }));
}

/** The field `envFrom` of a container; none where the stack adds nothing. */
export function addedVariables({ envFrom = [] }: Additions): Pick<types.input.core.v1.Container, "envFrom"> {
    return envFrom.length > 0
        ? { envFrom: envFrom.map((source) => given<types.input.core.v1.EnvFromSource>(source)) }
        : {};
}

/** The additional rules of the network policy. */
export function addedEgress({ networkPolicy }: Additions): readonly Egress[] {
    return (networkPolicy?.egress ?? []).map(({ cidrs = [], namespace: name, ports, protocol, ...rule }) => ({
        to: [
            ...cidrs.map((cidr) => ({ ipBlock: { cidr } })),
            ...(name === undefined ? [] : [namespace(name)]),
            ...(rule.public === true ? publicAddresses : []),
        ],
        ports: ports.map((port) => ({ protocol, port })),
    }));
}

/** A copy without the fields that are absent, as Kubernetes' types take it. */
function given<T extends object>(value: { readonly [Key in keyof T]?: T[Key] | undefined }): T {
    return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}
