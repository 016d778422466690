/** What the pods of a stack read and others make. The program looks for it before it changes anything. */
import { keyPath } from "../config/errors/commands.ts";
import type { StackConfig } from "../config/index.ts";
import { type SecretOwner, secretOwners } from "../config/secrets.ts";
import { serviceKeys } from "../config/services/index.ts";
import { secretNames } from "../config/secretNames.ts";
import type { Path } from "../config/tree.ts";
import { isObject, type JsonObject } from "../config/values.ts";
import { clientSecret } from "./DatabaseCertificate.ts";
import { clientsOf, loginsOf } from "./databaseLogins.ts";

export interface ObjectElsewhere {
    readonly kind: "ConfigMap" | "Namespace" | "Secret";
    /** Absent where it is in none. */
    readonly namespace?: string;
    readonly name: string;
    /** Keys that it has to have. */
    readonly keys: readonly string[];
    /** The key of the configuration that asks for it. */
    readonly setting: string;
    /** Whether it holds the credentials of an image registry. */
    readonly forRegistry?: boolean;
}

/** The objects that have to exist; none in a preview with placeholders, which has no secrets, nor the right to see any. */
export function objectsElsewhere(config: StackConfig): readonly ObjectElsewhere[] {
    if (config.placeholderSecrets) return [];
    const { namespace, logAgent } = config;
    const inStack = [
        ...ofServices(config),
        ...pullSecrets(config),
        ...ofDatabase(config),
        ...Object.entries(config.chart.existingSecrets).map(([name, keys], index) =>
            secret(name, `chart.existingSecrets[${index}]`, keys),
        ),
        ...bundles(config),
        ...serviceKeys.flatMap((key) => (config[key].enabled ? references(config[key], [key]) : [])),
    ].filter((object) => !isMadeHere(config, object));
    const inAgents = logAgent ? [...owned(config, "loggingSecrets", secretNames.logging), ...pullSecrets(config)] : [];
    return merged([
        ...inStack.map((object) => ({ ...object, namespace })),
        ...(logAgent
            ? [{ kind: "Namespace", name: logAgent.namespace, keys: [], setting: "logging.namespace" } as const]
            : []),
        ...inAgents.map((object) => ({ ...object, namespace: logAgent!.namespace })),
    ]);
}

function secret(name: string, setting: string, keys: readonly string[] = []): ObjectElsewhere {
    return { kind: "Secret", name, keys, setting };
}

/** A Secret of the program's names that neither the program nor an operator makes. */
function owned(
    config: StackConfig,
    owner: SecretOwner,
    suffix: string,
    keys: readonly string[] = secretOwners[owner].data,
): readonly ObjectElsewhere[] {
    const { create, externalSecret, sealedSecret } = config[owner];
    const isElsewhere = !create && externalSecret === undefined && sealedSecret === undefined;
    return isElsewhere ? [secret(`${config.releaseName}-${suffix}`, `${owner}.create`, keys)] : [];
}

function ofServices(config: StackConfig): readonly ObjectElsewhere[] {
    const { gatewayApi, notificationWorker } = config;
    const bot = notificationWorker.telegramChatId === undefined ? [] : ["telegram-bot-token"];
    return [
        ...(gatewayApi.enabled || notificationWorker.enabled ? owned(config, "authSecrets", secretNames.auth) : []),
        ...(gatewayApi.enabled ? owned(config, "oauthSecrets", secretNames.oauth) : []),
        ...(notificationWorker.enabled
            ? owned(config, "notificationSecrets", secretNames.notification, [
                  ...secretOwners.notificationSecrets.data,
                  ...bot,
              ])
            : []),
    ];
}

function pullSecrets({ imagePullSecrets }: StackConfig): readonly ObjectElsewhere[] {
    return imagePullSecrets.map((name, index) => ({
        ...secret(name, `imagePullSecrets[${index}]`),
        forRegistry: true,
    }));
}

function ofDatabase(config: StackConfig): readonly ObjectElsewhere[] {
    const { releaseName, backup, databaseFiles, databaseTls } = config;
    const backups =
        backup.enabled && !backup.createSecret && databaseFiles
            ? [secret(`${releaseName}-${secretNames.backup}`, "backup.createSecret", ["secrets.conf"])]
            : [];
    if (databaseTls?.secretName === undefined) return backups;
    const { secretName, ofClients, clientCertificates } = databaseTls;
    // Which keys the clients of another server need, the address in databaseUrl says.
    if (ofClients) return [...backups, secret(secretName, "database.tls.secretName")];
    const keys = ["ca.crt", "tls.crt", "tls.key"];
    const clients = clientCertificates === "none" ? [] : clientsOf(loginsOf(config));
    const setting = "database.tls.clientCertificates";
    return [
        ...backups,
        secret(secretName, "database.tls.secretName", keys),
        ...clients.map((role) => secret(`${releaseName}-${clientSecret(role)}`, setting, keys)),
    ];
}

function bundles({ caBundle: { configMap } }: StackConfig): readonly ObjectElsewhere[] {
    return configMap
        ? [{ kind: "ConfigMap", name: configMap.name, keys: [configMap.key], setting: "caBundle.configMap" }]
        : [];
}

const referenced: Readonly<Record<string, readonly [kind: "ConfigMap" | "Secret", name: string]>> = {
    secretKeyRef: ["Secret", "name"],
    secretRef: ["Secret", "name"],
    secret: ["Secret", "secretName"],
    configMapKeyRef: ["ConfigMap", "name"],
    configMapRef: ["ConfigMap", "name"],
    configMap: ["ConfigMap", "name"],
};

/** What variables, volumes and pulls of pods refer to, in an object or in the settings of a service. */
export function references(value: unknown, path: Path): readonly ObjectElsewhere[] {
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value as JsonObject).flatMap(([field, part]) => {
        if (field === "imagePullSecrets" && Array.isArray(part))
            return part.map(({ name }: JsonObject) => secret(String(name), keyPath([...path, field])));
        const [kind, nameField = ""] = referenced[field] ?? [];
        const place = [...path, Array.isArray(value) ? Number(field) : field];
        if (kind === undefined || !isObject(part) || typeof part[nameField] !== "string")
            return references(part, place);
        if (part["optional"] === true) return [];
        const keys = typeof part["key"] === "string" ? [part["key"]] : [];
        return [{ kind, name: part[nameField], keys, setting: keyPath(place) }];
    });
}

/** Whether the program or its release makes an object, or may: such names are theirs. */
function isMadeHere({ releaseName, secrets }: StackConfig, { kind, name, setting }: ObjectElsewhere): boolean {
    const isFree = serviceKeys.some((key) => setting.startsWith(`${key}.`));
    return (
        (kind === "Secret" && Object.hasOwn(secrets.chartSecrets, name)) ||
        (isFree && name.startsWith(`${releaseName}-`))
    );
}

/** Each object once, with all keys that are asked for. */
function merged(objects: readonly ObjectElsewhere[]): readonly ObjectElsewhere[] {
    const found = new Map<string, ObjectElsewhere>();
    for (const object of objects) {
        const id = `${object.kind} ${object.namespace}/${object.name}`;
        const before = found.get(id) ?? object;
        found.set(id, { ...before, keys: [...new Set([...before.keys, ...object.keys])] });
    }
    return [...found.values()];
}
