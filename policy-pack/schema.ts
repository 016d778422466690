import type { PolicyConfigJSONSchema } from "@pulumi/policy/schema.js";
import { PRESETS } from "./model/rule.ts";
import { isTree } from "./model/view.ts";

const LEVELS = ["disabled", "advisory", "mandatory"];
const TEXTS = { type: "array", items: { type: "string", minLength: 1 } } as const;

/** JSON Schema of each parameter, with its default. */
export const PARAMETERS = {
    registries: {
        ...TEXTS,
        default: [],
        description: "Registries that images may come from, as prefixes such as ghcr.io/acme. Empty allows all.",
    },
    issuers: {
        ...TEXTS,
        default: [],
        description: "cert-manager issuers that an Ingress must name one of. Empty leaves the annotation free.",
    },
    minimumReplicas: {
        type: "integer",
        minimum: 1,
        default: 2,
        description: "Fewest replicas of a Deployment, an autoscaler's minimum counted.",
    },
    statefulSetMinimumReplicas: {
        type: "integer",
        minimum: 1,
        default: 1,
        description: "Fewest replicas of a StatefulSet. One by default: a second database takes more than a number.",
    },
    kubernetesVersion: {
        type: "string",
        pattern: "^1\\.\\d+$",
        default: "1.36",
        description:
            "Version of the target cluster: the API's schema, removed and deprecated APIs. Where the pack does not have the schema of a version, that of the nearest one counts.",
    },
    userIdFloor: {
        type: "integer",
        minimum: 1,
        default: 10000,
        description: "Lowest user and group id that is surely no account of the node.",
    },
    leastBytes: {
        type: "integer",
        minimum: 1,
        default: 1024 * 1024,
        description: "Fewest bytes of memory or storage that a container can ask for, if any.",
    },
    mostCores: {
        type: "integer",
        minimum: 1,
        default: 192,
        description: "Most CPU cores that a container can ask for.",
    },
    controllerFilled: {
        ...TEXTS,
        default: [],
        description: "Further labels and annotations of Secrets and ConfigMaps that a controller fills.",
    },
    allowedCapabilities: {
        ...TEXTS,
        default: ["NET_BIND_SERVICE"],
        description: "Capabilities that a container may add.",
    },
    podSecurityLevels: {
        type: "array",
        items: { type: "string", enum: ["privileged", "baseline", "restricted"] },
        default: ["restricted"],
        description: "Pod Security levels that a Namespace may enforce.",
    },
    requiredLabels: {
        ...TEXTS,
        default: ["app.kubernetes.io/name", "app.kubernetes.io/instance"],
        description: "Labels that workloads and Services carry.",
    },
    requiredAnnotations: { ...TEXTS, default: [], description: "Annotations that workloads and Services carry." },
    serviceTypes: {
        type: "array",
        items: { type: "string", enum: ["ClusterIP", "ExternalName", "NodePort", "LoadBalancer"] },
        default: ["ClusterIP", "ExternalName"],
        description: "Types that a Service may have.",
    },
    nodePorts: {
        type: "string",
        pattern: "^\\d+-\\d+$",
        default: "30000-32767",
        description:
            "First and last port that a Service may open on the nodes: the API server's --service-node-port-range.",
    },
    databaseTlsModes: {
        ...TEXTS,
        default: ["verify-full"],
        description: "Values of sslmode that connections to a PostgreSQL outside the cluster may have.",
    },
    maximumJobHistory: {
        type: "integer",
        minimum: 1,
        default: 10,
        description: "Most finished Jobs that a CronJob keeps, of each outcome.",
    },
    projectDirectory: {
        type: "string",
        default: "",
        description:
            "Directory that relative chart paths start from. Empty: the directory pulumi was started in, or the one above the pack.",
    },
} as const satisfies Record<string, PolicyConfigJSONSchema>;

/** Name of a parameter. */
export type ParameterName = keyof typeof PARAMETERS;

const PATTERN = { type: "string", minLength: 1 } as const;
const REASON = { type: "string", minLength: 10 } as const;

/** What can be set for all stacks, for an environment and for a stack. */
const SETTINGS: Readonly<Record<string, PolicyConfigJSONSchema>> = {
    preset: {
        type: "string",
        enum: [...PRESETS],
        // No default here: the SDK would fill it in, and a configuration that nobody gave could not be recognized.
        description: "Levels of all rules, recommended unless given; `rules` changes single ones.",
    },
    rules: {
        type: "object",
        additionalProperties: { type: "string", enum: LEVELS },
        description: "Level by rule name.",
    },
    parameters: { type: "object", properties: PARAMETERS, additionalProperties: false },
    exemptions: {
        type: "array",
        items: {
            type: "object",
            required: ["rule", "reason"],
            additionalProperties: false,
            properties: {
                rule: { ...PATTERN, description: "Name of the rule." },
                kind: { ...PATTERN, description: "Kind; * is allowed." },
                namespace: { ...PATTERN, description: "Namespace; * is allowed." },
                name: { ...PATTERN, description: "Name of the object; * is allowed." },
                release: { ...PATTERN, description: "Helm release that the object comes from; * is allowed." },
                path: { ...PATTERN, description: "Path of the finding; * is allowed." },
                reason: { ...REASON, description: "Why it is fine here." },
                expires: { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$", description: "Last day that it holds." },
            },
        },
        description: "Objects that may break a rule, each for a reason.",
    },
};

const PARTS: PolicyConfigJSONSchema = {
    type: "object",
    additionalProperties: {
        type: "object",
        required: ["reason"],
        additionalProperties: false,
        properties: { ...SETTINGS, reason: { ...REASON, description: "Why it differs." } },
    },
};

/** JSON Schema of the pack's configuration, by property; CrossGuard checks it before the run. */
export const CONFIG_SCHEMA: Readonly<Record<string, PolicyConfigJSONSchema>> = {
    ...SETTINGS,
    environments: {
        ...PARTS,
        description:
            "What is different in an environment, which a stack names in its configuration under the key `environment` " +
            "of its project. Exemptions come on top of those for all.",
    },
    stacks: {
        ...PARTS,
        description: "What is different in a single stack, by its name; wins over its environment.",
    },
};

/** Errors of a configuration against `CONFIG_SCHEMA`, each with its path. Covers the part of JSON Schema used above. */
export function validate(config: unknown): string[] {
    const root: PolicyConfigJSONSchema = {
        type: "object",
        properties: { ...CONFIG_SCHEMA },
        additionalProperties: false,
    };
    return [...errorsOf(config, root, "")];
}

function* errorsOf(value: unknown, schema: PolicyConfigJSONSchema, path: string): Iterable<string> {
    const at = path === "" ? "the configuration" : path;
    if (schema.type !== undefined && !hasType(value, schema.type)) {
        yield `${at}: must be of type ${String(schema.type)}`;
        return;
    }
    if (schema.enum !== undefined && !schema.enum.includes(value as string))
        yield `${at}: must be one of ${schema.enum.map(String).join(", ")}`;
    if (typeof value === "number" && schema.minimum !== undefined && value < schema.minimum)
        yield `${at}: must be at least ${schema.minimum}`;
    if (typeof value === "string" && schema.minLength !== undefined && value.length < schema.minLength)
        yield `${at}: must have at least ${schema.minLength} characters`;
    if (typeof value === "string" && schema.pattern !== undefined && !new RegExp(schema.pattern).test(value))
        yield `${at}: must fit ${schema.pattern}`;
    const { items, properties = {}, additionalProperties } = schema;
    if (Array.isArray(value) && isSchema(items))
        for (const [index, item] of value.entries()) yield* errorsOf(item, items, `${path}[${index}]`);
    if (!isTree(value)) return;
    for (const name of schema.required ?? []) if (!(name in value)) yield `${at}: ${name} is missing`;
    for (const [name, part] of Object.entries(value)) {
        const below = path === "" ? name : `${path}.${name}`;
        const known = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
        if (known === false) yield `${below}: is not known; known are ${Object.keys(properties).join(", ")}`;
        else if (isSchema(known)) yield* errorsOf(part, known, below);
    }
}

function isSchema(schema: unknown): schema is PolicyConfigJSONSchema {
    return isTree(schema);
}

function hasType(value: unknown, type: NonNullable<PolicyConfigJSONSchema["type"]>): boolean {
    switch (type) {
        case "array":
            return Array.isArray(value);
        case "object":
            return isTree(value);
        case "integer":
            return Number.isInteger(value);
        default:
            return typeof value === type;
    }
}
