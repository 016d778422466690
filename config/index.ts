/**
 * The only reader of Pulumi configuration. It parses and validates everything into one typed, read-only `StackConfig`
 * before the first resource exists, or throws one error with all findings, each with its key and the command that fixes it.
 */
import * as pulumi from "@pulumi/pulumi";
import { type ChartSource, chartSource, existingSecrets, volumeSizes } from "./chart.ts";
import { type DatabaseFiles, databaseFiles } from "./databaseFiles.ts";
import { databaseImage, databaseTls, type DatabaseTlsConfig, hasOwnRoles } from "./database.ts";
import { type ConfigError, describeErrors, onStack } from "./errors/index.ts";
import { projectError } from "./errors/unknown.ts";
import { type Exposure, exposureOf, ownsCertificates } from "./exposure.ts";
import { imagesFrom } from "./images.ts";
import { logAgent } from "./logging.ts";
import { type Field, type Source, sourceOf } from "./objectKeys.ts";
import { otherStacks } from "./otherStacks.ts";
import { parseConfig, type RawConfig } from "./parse.ts";
import { type PolicyConfig, policyConfig } from "./policy.ts";
import type { Settings } from "./schema.ts";
import { type PlainSecrets, requiredSecrets, secretKeys } from "./secrets.ts";
import { clientsOf, hasCertificates, isolatedServices, serviceKeys, services } from "./services/index.ts";
import { valueAt } from "./values.ts";
import { type Watched, watchedOf } from "./watched.ts";

/** Secrets, each wrapped so that Pulumi encrypts it wherever it goes. */
export type StackSecrets = Readonly<{
    [Key in Exclude<keyof PlainSecrets, "chartSecrets" | "databaseUrls" | "imagePullSecret">]?: pulumi.Output<string>;
}> & {
    /** What services log in to a database outside the cluster with, where it is not `databaseUrl`; by the service's name. */
    readonly databaseUrls: Readonly<Record<string, pulumi.Output<string>>>;
    /** Credentials of an image registry. */
    readonly imagePullSecret?: {
        readonly registry: string;
        readonly username: pulumi.Output<string>;
        readonly password: pulumi.Output<string>;
    };
    /** Secrets for another chart: name, key, value. */
    readonly chartSecrets: Readonly<Record<string, Readonly<Record<string, pulumi.Output<string>>>>>;
};

export type StackConfig = Readonly<Omit<Settings, "chart" | "exposure" | "gateway" | "kubeconfig" | "policy">> & {
    readonly project: string;
    readonly stack: string;
    /** Path or text of a kubeconfig; secret where the stack file encrypts it. */
    readonly kubeconfig?: pulumi.Input<string>;
    readonly chart: {
        readonly source: ChartSource;
        /** Values of the stack; secret where the stack file encrypts a part of them. */
        readonly values: pulumi.Input<Readonly<Record<string, unknown>>>;
        /** Sizes of volumes that the stack names, by StatefulSet. */
        readonly volumeSizes: Readonly<Record<string, string>>;
        readonly timeoutSeconds: number;
        /** A release to take over, as `namespace/name`. Default: the program installs one. */
        readonly existingRelease?: string;
        /** Secrets that it needs and that exist already, with the keys that are known. */
        readonly existingSecrets: Readonly<Record<string, readonly string[]>>;
        /** Names of the services that connect to its data services. */
        readonly clients: Readonly<Record<"postgresql" | "redis", readonly string[]>>;
    };
    /** The chart's image of PostgreSQL, where it is known. */
    readonly databaseImage?: ReturnType<typeof databaseImage>;
    /** What the chart's PostgreSQL writes. */
    readonly databaseFiles?: DatabaseFiles | undefined;
    /** Whether services have roles of their own in the database. */
    readonly ownRoles: boolean;
    readonly databaseTls?: DatabaseTlsConfig | undefined;
    readonly policy: PolicyConfig;
    /** The key that a field of an object comes from, with the command that sets it. */
    readonly sourceOf: (field: Field) => Source | undefined;
    /** Which objects bring requests to the web services. */
    readonly exposure: Exposure;
    /** Whether the namespace has certificates, which an authority may ask about. */
    readonly hasCertificates: boolean;
    /** What there is for alerts to watch. */
    readonly watched: Watched;
    /** The agent that ships logs, where there is one. */
    readonly logAgent: ReturnType<typeof logAgent>;
    /** Data services outside the cluster, in place of the chart's. */
    readonly external: {
        readonly postgresql?: ExternalServer | undefined;
        readonly redis?: ExternalServer | undefined;
    };
    readonly secrets: StackSecrets;
};

/** A database or a cache outside the cluster. */
export interface ExternalServer {
    readonly port: number;
    /** Ranges of its addresses; none means any address. */
    readonly cidrs: readonly string[];
}

const placeholder = "placeholder";
const [postgresPort, redisPort] = [5432, 6379];

/**
 * Reads the configuration of the running stack.
 * @throws pulumi.RunError with all errors; Pulumi prints it without a stack trace.
 */
export function loadConfig(): StackConfig {
    const project = pulumi.getProject();
    const stack = pulumi.getStack();
    const { raw, encrypted, earlier } = readRaw(project);
    const placeholders = raw["placeholderSecrets"] === "true" && pulumi.runtime.isDryRun();
    const { errors, settings, secrets } = parseConfig(raw, {
        placeholders,
        earlier,
        others: otherStacks(project, stack),
        // Only the Pulumi engine says what is encrypted; rendering uses no cluster.
        ...(encrypted && { encrypted, usesCluster: true }),
    });
    if (settings === undefined) {
        throw new pulumi.RunError(describeErrors(stack, errors));
    }
    if (settings.environment !== "local" && encrypted !== undefined) {
        warnOfPlainSecrets(stack, raw, encrypted);
    }
    if (settings.environment === "production" && !settings.protect) {
        void pulumi.log.warn(
            "protect is false: nothing keeps `pulumi destroy` from deleting production with its data. " +
                `Set it again with: pulumi config set --stack ${stack} protect true`,
        );
    }
    const paused = isolatedServices.filter((key) => settings[key].enabled && settings[key].paused);
    if (settings.environment === "production" && paused.length > 0) {
        void pulumi.log.warn(
            `Paused in production, without any pod: ${paused.join(", ")}. ` +
                `Resume each with: pulumi config set --stack ${stack} --path <service>.paused false`,
        );
    }
    const { chart, kubeconfig, policy, ...rest } = settings;
    return {
        ...imagesFrom(settings.imageRegistry, rest),
        project,
        stack,
        ...(kubeconfig !== undefined && {
            kubeconfig: encrypted?.has("kubeconfig") ? pulumi.secret(kubeconfig) : kubeconfig,
        }),
        chart: {
            source: chartSource(chart),
            values: encrypted?.has("chart") ? pulumi.secret(chart.values) : chart.values,
            volumeSizes: volumeSizes(chart),
            timeoutSeconds: chart.timeoutSeconds,
            existingSecrets: existingSecrets(chart),
            ...(chart.adopt && { existingRelease: `${settings.namespace}/${settings.releaseName}` }),
            clients: { postgresql: clientsOf("database", settings), redis: clientsOf("redis", settings) },
        },
        databaseImage: databaseImage(chart, settings.imageRegistry),
        databaseFiles: databaseFiles(settings, secrets),
        databaseTls: databaseTls(settings, secrets),
        ownRoles: hasOwnRoles(settings, secrets),
        policy: policyConfig(policy),
        sourceOf: (field) => {
            const source = sourceOf(settings, field);
            return source && { ...source, fix: onStack(stack, source.fix) };
        },
        exposure: exposureOf(settings),
        hasCertificates: ownsCertificates(settings) && hasCertificates(settings),
        watched: watchedOf(settings, secrets),
        logAgent: logAgent(settings),
        external: {
            postgresql: externalServer(secrets.databaseUrl, postgresPort, settings.networkPolicy.databaseCidrs),
            redis: externalServer(secrets.redisUrl, redisPort, settings.networkPolicy.redisCidrs),
        },
        secrets: wrap(secrets, placeholders ? requiredSecrets(settings) : []),
    };
}

function externalServer(url: string | undefined, port: number, cidrs: readonly string[]): ExternalServer | undefined {
    return url === undefined ? undefined : { port: Number(new URL(url).port || port), cidrs };
}

function readRaw(project: string): {
    readonly raw: RawConfig;
    readonly encrypted: ReadonlySet<string> | undefined;
    readonly earlier: readonly ConfigError[];
} {
    const prefix = `${project}:`;
    const all = pulumi.runtime.allConfig();
    const own = Object.entries(all).filter(([key]) => key.startsWith(prefix));
    const raw = Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), String(value)]));
    // The SDK does not expose which values are encrypted; the Pulumi engine passes their keys in this variable.
    const keys = process.env["PULUMI_CONFIG_SECRET_KEYS"];
    return {
        raw,
        earlier: Object.keys(all).flatMap((key) => projectError(key, project) ?? []),
        encrypted:
            keys === undefined
                ? undefined
                : new Set(
                      (JSON.parse(keys) as string[])
                          .filter((key) => key.startsWith(prefix))
                          .map((key) => key.slice(prefix.length)),
                  ),
    };
}

function warnOfPlainSecrets(stack: string, raw: RawConfig, encrypted: ReadonlySet<string>): void {
    const plain = secretKeys.filter((key) => (raw[key] ?? "") !== "" && raw[key] !== "{}" && !encrypted.has(key));
    if (plain.length > 0) {
        void pulumi.log.warn(
            `These secrets are given in plain text: ${plain.join(", ")}. ` +
                `Encrypt each with: pulumi config set --stack ${stack} --secret <key>`,
        );
    }
}

function wrap(
    { chartSecrets, databaseUrls, imagePullSecret, ...single }: PlainSecrets,
    placeholders: readonly string[],
): StackSecrets {
    const filled = { ...Object.fromEntries(placeholders.map((key) => [key, placeholder])), ...single };
    const given = Object.entries(filled).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return {
        ...Object.fromEntries(given.map(([key, value]) => [key, pulumi.secret(value)])),
        ...(imagePullSecret && {
            imagePullSecret: {
                registry: imagePullSecret.registry,
                username: pulumi.secret(imagePullSecret.username),
                password: pulumi.secret(imagePullSecret.password),
            },
        }),
        databaseUrls: Object.fromEntries(
            serviceKeys.flatMap((key) => {
                const url = valueAt(databaseUrls, [key]);
                return typeof url === "string" ? [[services[key].name, pulumi.secret(url)]] : [];
            }),
        ),
        chartSecrets: mapValues(chartSecrets, (data) => mapValues(data, (value) => pulumi.secret(value))),
    };
}

function mapValues<From, To>(values: Readonly<Record<string, From>>, map: (value: From) => To): Record<string, To> {
    return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}
