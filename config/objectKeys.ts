/** The configuration key that a field of an object comes from, for findings of the policies. */
import { inTurn, keyPath, remove, set } from "./errors/commands.ts";
import { setting } from "./errors/examples.ts";
import { settingsSchema, type Settings } from "./schema.ts";
import { parsePath } from "../policy-pack/model/text.ts";
import { type ServiceKey, serviceKeys, services } from "./services/index.ts";
import type { Service } from "./services/service.ts";
import { type Path, schemaAt, typeName } from "./tree.ts";
import { valueAt } from "./values.ts";

/** A field of an object that breaks a rule. */
export interface Field {
    readonly rule: string;
    readonly object: { readonly kind: string; readonly body: unknown };
    /** Path as policies write it, such as `spec.template.spec.containers[0].image`. */
    readonly path: string;
    readonly message: string;
}

/** A key of the configuration, and the command that sets it. */
export interface Source {
    readonly key: string;
    readonly fix: string;
}

type Row = readonly [kind: RegExp, path: RegExp, key: (match: RegExpExecArray, field: Field) => Path];

const issuer = "cert-manager.io/cluster-issuer";
const imageParts: Readonly<Record<string, string>> = { "image-registry": "repository", "image-digest": "digest" };

/** Keys of a service; `pod:` stands for the pod template of any kind. */
const ofService: readonly Row[] = [
    [/./, /^pod:spec\.containers\[0\]\.imagePullPolicy/, () => ["image", "pullPolicy"]],
    [/./, /^pod:spec\.containers\[0\]\.image$/, (_, { rule }) => ["image", imageParts[rule] ?? "tag"]],
    [/./, /^pod:spec\.containers\[0\]\.resources\.(requests|limits)\.([\w-]+)/, ([, a, b]) => ["resources", a!, b!]],
    [/./, /^pod:spec\.containers\[0\]\.(liveness|readiness)Probe/, ([, name]) => [`${name}Probe`]],
    [/./, /^pod:spec\.containers\[0\]\.lifecycle\.preStop/, () => ["preStopSleepSeconds"]],
    [/./, /^pod:spec\.(?:containers\[0\]\.)?securityContext\.runAs(?:User|Group)/, () => ["runAsUser"]],
    [
        /./,
        /^pod:spec\.(terminationGracePeriodSeconds|nodeSelector|tolerations|affinity)(.*)/,
        ([, name, rest]) => [name!, ...parsePath(rest!)],
    ],
    [/./, /^pod:metadata\.annotations\["([^"]+)"\]/, ([, name]) => ["podAnnotations", name!]],
    [/./, /^pod:metadata\.labels(.+)/, ([, rest]) => ["podLabels", ...parsePath(rest!)]],
    [/./, /^pod:spec\.containers\[0\]\.ports\[0\]/, () => ["containerPort"]],
    [/^(CronJob|Job)$/, /^spec\.(?:jobTemplate\.spec\.)?(activeDeadlineSeconds|backoffLimit)$/, ([, name]) => [name!]],
    [
        /^CronJob$/,
        /^spec\.(schedule|timeZone|suspend|startingDeadlineSeconds|successfulJobsHistoryLimit|failedJobsHistoryLimit)$/,
        ([, name]) => [name!],
    ],
    [/^Deployment$/, /^spec\.replicas$/, () => ["replicaCount"]],
    [/^Service$/, /^spec\.type$/, () => ["service", "type"]],
    [/^Service$/, /^metadata\.annotations\["([^"]+)"\]/, ([, name]) => ["service", "annotations", name!]],
    [/^Ingress$/, /^metadata\.annotations\["([^"]+)"\]/, ([, name]) => ["ingress", "annotations", name!]],
    [/^Ingress$/, /^spec\.ingressClassName$/, () => ["ingress", "className"]],
    [/^Ingress$/, /^spec\.tls/, () => ["ingress", "tls"]],
    [/^Ingress$/, /^spec\.rules/, () => ["ingress", "hosts"]],
    [/^HTTPRoute$/, /^spec\.(hostnames|rules)/, () => ["ingress", "hosts"]],
    [/^HorizontalPodAutoscaler$/, /^spec\.(minReplicas|maxReplicas)$/, ([, name]) => ["autoscaling", name!]],
];

/** Keys of what has pods and is no service, by component. */
const others: Readonly<Record<string, string>> = { backup: "backup", "log-agent": "logging" };

/** Keys of the stack as a whole. */
const ofStack: readonly Row[] = [
    [/^Namespace$/, /^metadata\.labels\["pod-security/, () => ["podSecurity"]],
    [/^PriorityClass$/, /^value$/, () => ["priorityClassValue"]],
    [/^Gateway$/, /^metadata\.annotations\["([^"]+)"\]/, ([, name]) => ["gateway", "annotations", name!]],
    [/^Gateway$/, /^spec\.gatewayClassName/, () => ["gateway", "className"]],
    [/^Namespace$/, /^metadata\.name$/, () => ["namespace"]],
    [/^Release$/, /^version$/, () => ["chart", "version"]],
    [/^NetworkPolicy$/, /^spec\.ingress\[\d+\]\.from/, () => ["networkPolicy", "ingressCidrs"]],
    [/^Release$/, /^timeout$/, () => ["chart", "timeoutSeconds"]],
];

/** The key that a field comes from; `undefined` where the program decides it alone. */
export function sourceOf(settings: Settings, field: Field): Source | undefined {
    const whole = keyOf(settings, field);
    if (whole === undefined) return undefined;
    if (schemaAt(settingsSchema, whole) === undefined) {
        // Goes to the cluster as it is.
        const key = keyPath(whole);
        const value = valueAt(settings, whole);
        if (value !== undefined && field.message.startsWith("there is no such field")) return { key, fix: remove(key) };
        if (["string", "number", "boolean"].includes(typeof value)) return { key, fix: set(key, "<value>") };
        if (field.rule === "object-shape" && typeof value === "object") return { key, fix: remove(key) };
    }
    const path = withSchema(whole);
    const schema = schemaAt(settingsSchema, path);
    if (schema === undefined) return undefined;
    const isOpen = typeName(schema) === undefined && path.length < whole.length;
    if (isOpen) return { key: keyPath(whole), fix: set(keyPath(whole), "<value>") };
    const key = keyPath(path);
    // In place of the text, which would be stored as it is.
    if (field.rule === "secret-in-env")
        return {
            key,
            fix: inTurn(
                remove(key),
                set(`${key}.secretKeyRef.name`, "<secret>"),
                set(`${key}.secretKeyRef.key`, "<key>"),
            ),
        };
    return { key, fix: setting(key, schema, undefined) };
}

/** The longest part of a path that the schema knows. */
function withSchema(path: Path): Path {
    return path.length === 0 || schemaAt(settingsSchema, path) !== undefined ? path : withSchema(path.slice(0, -1));
}

function keyOf(settings: Settings, field: Field): Path | undefined {
    const { rule, path, object } = field;
    const component = valueAt(object.body, ["metadata", "labels", "app.kubernetes.io/component"]);
    const service = serviceKeys.find((key) => services[key].name === component);
    if (rule === "ingress-issuer" && path === "" && object.kind === "Gateway")
        return ["gateway", "annotations", issuer];
    const other = typeof component === "string" && Object.hasOwn(others, component) ? others[component] : undefined;
    if (other !== undefined) {
        const key = inPod(path).startsWith("pod:") ? match(ofService, field) : undefined;
        return key && schemaAt(settingsSchema, [other, key[0]!]) !== undefined ? [other, ...key] : undefined;
    }
    if (service === undefined) return match(ofStack, field);
    const [, index, rest = ""] = /^pod:spec\.initContainers\[(\d+)\](.*)/.exec(inPod(path)) ?? [];
    if (index !== undefined) return [...addedContainer(settings, service, Number(index)), ...parsePath(rest)];
    if (rule === "ingress-issuer" && path === "") return [service, "ingress", "annotations", issuer];
    const key = match(ofService, field);
    if (key?.[0] === "replicaCount" && valueAt(settings, [service, "autoscaling", "enabled"]) === true)
        return [service, "autoscaling", "minReplicas"];
    return key === undefined ? (variable(service, field) ?? match(ofStack, field)) : [service, ...key];
}

/** Init containers of a pod are the stack's: those of `initContainers`, then the sidecars. */
function addedContainer(settings: Settings, service: ServiceKey, index: number): Path {
    const before = settings[service].initContainers?.length ?? 0;
    return index < before ? [service, "initContainers", index] : [service, "sidecars", index - before];
}

function match(rows: readonly Row[], field: Field): Path | undefined {
    const path = inPod(field.path);
    for (const [kind, pattern, key] of rows) {
        const found = kind.test(field.object.kind) ? pattern.exec(path) : null;
        if (found !== null) return key(found, field);
    }
    return undefined;
}

/** A variable that the stack adds; what the program sets follows from other keys. */
function variable(service: ServiceKey, { object, path }: Field): Path | undefined {
    const index = /^pod:spec\.containers\[0\]\.env\[(\d+)\]/.exec(inPod(path))?.[1];
    const template = path.startsWith("spec.jobTemplate.") ? ["spec", "jobTemplate", "spec"] : ["spec"];
    const place = [...template, "template", "spec", "containers", 0, "env", Number(index), "name"];
    const name = index === undefined ? undefined : valueAt(object.body, place);
    const { variables }: Service = services[service];
    return typeof name === "string" && !Object.hasOwn(variables, name) ? [service, "env", name] : undefined;
}

function inPod(path: string): string {
    return path.replace(/^spec\.(?:jobTemplate\.spec\.)?template\./, "pod:");
}
