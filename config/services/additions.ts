/**
 * What a stack adds to the pods of any service. Nothing here has a default: the objects of a stack that adds nothing stay
 * as they are, and so does the name of the migration's Job, which is made from its configuration.
 */
import { z } from "../zod.ts";
import * as format from "../formats.ts";

const nameOf = (object: string) => format.dnsName.describe(`Name of the ${object}`);
const optional = z.boolean().optional().describe("Whether the pods start without it; default: false");

const keyOf = (object: string) =>
    z.strictObject({ name: nameOf(object), key: format.secretKey.describe(`Key in the ${object}`), optional });

/** Whether exactly one of the keys is given. */
function hasOne(value: object, keys: readonly string[]): boolean {
    return keys.filter((key) => Reflect.get(value, key) !== undefined).length === 1;
}

const reference = z
    .strictObject({
        secretKeyRef: keyOf("Secret").optional().describe("Key of a Secret that exists in the namespace"),
        configMapKeyRef: keyOf("ConfigMap").optional().describe("Key of a ConfigMap that exists in the namespace"),
    })
    .refine(
        (value) => hasOne(value, ["secretKeyRef", "configMapKeyRef"]),
        "must be text, or have either secretKeyRef or configMapKeyRef",
    );

/** A variable: text, or a reference to a key as in a container's `valueFrom`. */
const variable = z.union([z.string(), reference]);

/** Extra environment variables. */
export const environment = z
    .record(format.variableName, variable)
    .default({})
    .describe(
        "Extra environment variables: plain text (no secrets), or {secretKeyRef: {name, key}} or " +
            "{configMapKeyRef: {name, key}}",
    );

const source = z
    .strictObject({
        prefix: format.variableName.optional().describe("Text before the name of each variable"),
        secretRef: z
            .strictObject({ name: nameOf("Secret"), optional })
            .optional()
            .describe("A Secret that exists in the namespace"),
        configMapRef: z
            .strictObject({ name: nameOf("ConfigMap"), optional })
            .optional()
            .describe("A ConfigMap that exists in the namespace"),
    })
    .refine((value) => hasOne(value, ["secretRef", "configMapRef"]), "must have either secretRef or configMapRef");

const sources = ["configMap", "secret", "emptyDir", "persistentVolumeClaim"] as const;

const volume = z
    .strictObject({
        name: format.dnsLabel
            .refine(
                (name) => !["tmp", "ca-bundle", "database-tls"].includes(name),
                "must be another name than tmp, ca-bundle and database-tls, volumes of the program's own",
            )
            .describe("Name of the volume"),
        mountPath: format.mountPath.describe("Directory in the container"),
        readOnly: z.boolean().optional().describe("Whether it is read-only; default: true, false for an emptyDir"),
        configMap: z
            .strictObject({ name: format.dnsName.describe("Name of the ConfigMap") })
            .optional()
            .describe("A ConfigMap that exists in the namespace"),
        secret: z
            .strictObject({ secretName: format.dnsName.describe("Name of the Secret") })
            .optional()
            .describe("A Secret that exists in the namespace"),
        emptyDir: z
            .strictObject({
                sizeLimit: format.volumeSize.describe("Most that it may hold, in bytes"),
            })
            .optional()
            .describe("An empty directory on the node's disk, which is lost with the pod"),
        persistentVolumeClaim: z
            .strictObject({ claimName: format.dnsName.describe("Name of the PersistentVolumeClaim") })
            .optional()
            .describe("A PersistentVolumeClaim that exists in the namespace"),
    })
    .refine((value) => hasOne(value, sources), `must have one of ${sources.join(", ")}`);

const egress = z
    .strictObject({
        cidrs: format.networks("; for all public addresses, set public").min(1).optional().describe("Address ranges"),
        namespace: format.dnsLabel.optional().describe("Namespace whose pods are reached"),
        public: z.literal(true).optional().describe("All public addresses, and no private ones"),
        ports: z.array(format.port).min(1).describe("Ports"),
        protocol: z.enum(["TCP", "UDP", "SCTP"]).default("TCP").describe("Protocol of the ports"),
    })
    .refine((value) => hasOne(value, ["cidrs", "namespace", "public"]), "must have one of cidrs, namespace, public");

/** Connections that the pods may open beside the program's own. */
export const extraEgress = z
    .array(egress)
    .optional()
    .describe("Connections that the pods may open beside those that the program needs");

/** Whether and how the pods of a Job are isolated. */
export const jobNetworkPolicy = z
    .strictObject({ egress: extraEgress })
    .optional()
    .describe("NetworkPolicy of the pods, in both directions");

function resourceList(disk: string) {
    return z.strictObject({
        cpu: format.amounts.cpu.describe("CPU, in cores"),
        memory: format.amounts.memory.describe("Memory, in bytes"),
        "ephemeral-storage": format.amounts["ephemeral-storage"].default(disk).describe("Local disk, in bytes"),
    });
}

/** A container of a stack's own. What is not named here goes to Kubernetes as it is; the policies know its form. */
const container = z.looseObject({
    name: format.dnsLabel.describe("Name of the container"),
    image: format.image.describe("Image with tag or digest"),
    resources: z
        .strictObject({
            requests: resourceList("64Mi").describe("Requests: what the scheduler reserves"),
            limits: resourceList("256Mi").describe("Limits: the most that the container may use"),
        })
        .describe("Requests and limits of the container"),
});

/** Additions that every service accepts. */
export const additions = {
    initContainers: z
        .array(container)
        .optional()
        .describe(
            "Containers that run before the service's, in turn, each with the fields of a pod's container. Their " +
                "security context is the program's, but for the user",
        ),
    sidecars: z
        .array(container)
        .optional()
        .describe(
            "Containers that run beside the service's: they start before it, after initContainers, and end after it",
        ),
    priorityClassName: format.dnsName.optional().describe("PriorityClass of the pods, in place of the stack's"),
    envFrom: z.array(source).optional().describe("Secrets and ConfigMaps whose keys all become variables"),
    volumes: z.array(volume).optional().describe("Volumes beside /tmp, each with its source and its place"),
    podLabels: z
        .record(format.labelKey, format.labelValue)
        .optional()
        .describe("Labels of the pods beside the program's own"),
    serviceAccount: z
        .strictObject({
            annotations: z
                .record(format.annotationKey, z.string())
                .optional()
                .describe("Annotations of the ServiceAccount (a cloud's workload identity)"),
        })
        .optional()
        .describe("ServiceAccount of the pods"),
};
