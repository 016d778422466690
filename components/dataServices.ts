/** How services reach the chart's database and cache, or a database outside the cluster. */
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ExternalServer } from "../config/index.ts";
import { type DatabaseUser, type Logins, urlKey } from "./databaseLogins.ts";
import type { SecretKey, Source } from "./shared/environment.ts";
import type { Labels } from "./shared/labels.ts";
import { to } from "./shared/networkPolicy.ts";
import { objectName, type Platform, type Release } from "./shared/platform.ts";
import type { MountedVolume } from "./shared/pod.ts";
import type { SecretSource } from "./Workload.ts";

type Egress = types.input.networking.v1.NetworkPolicyEgressRule;

/** Ports of the chart's database and cache. */
export const dataPorts = { postgresql: 5432, redis: 6379 } as const;

/** Labels of the chart's database and cache pods; the published chart and the embedded one agree on them. */
export function dataLabels(platform: Release, service: keyof typeof dataPorts): Labels {
    return { "app.kubernetes.io/name": service, "app.kubernetes.io/instance": platform.releaseName };
}

/** What is outside the cluster, in place of the chart's. */
export type External = { readonly [Service in keyof typeof dataPorts]?: ExternalServer | undefined };

/** Connections to the database or the cache, in the cluster or outside. */
export function toData(platform: Platform, service: keyof typeof dataPorts, external: External = {}): Egress {
    const server = external[service];
    if (server === undefined)
        return to([{ podSelector: { matchLabels: { ...dataLabels(platform, service) } } }], dataPorts[service]);
    const { port, cidrs } = server;
    const peers = cidrs.map((cidr) => ({ ipBlock: { cidr } }));
    return { ...(peers.length > 0 && { to: peers }), ports: [{ protocol: "TCP", port }] };
}

/** The Secret with the addresses of the database. */
export interface DatabaseSource extends SecretSource, Logins {
    /** Whether the address of Redis is there, too. Default: it is the chart's, without a password. */
    readonly hasRedisUrl?: boolean;
    /** Where there is TLS, services verify the server. */
    readonly tls?: DatabaseTls | undefined;
}

/** What services verify the database with, and what they show to it. */
export interface DatabaseTls {
    /** Secret with the authority of the database, `ca.crt`. */
    readonly secretName: pulumi.Input<string>;
    /** Whether the Secret is all about clients, and may have a certificate of theirs. Otherwise its key is the server's. */
    readonly ofClients: boolean;
    /** Secrets with the certificates of roles of the chart's PostgreSQL, and the authority; empty where it asks for none. */
    readonly clients: Readonly<Record<string, pulumi.Input<string>>>;
}

const tlsDirectory = "/etc/database-tls";

/** The authority of the database, and the certificate of a role where there is one, as files in pods. */
export function databaseVolumes(
    tls: DatabaseTls | undefined,
    role: string,
    name = "database-tls",
): readonly MountedVolume[] {
    if (tls === undefined) return [];
    const client = tls.clients[role];
    // Clients, too, refuse a key that others may read.
    const files =
        tls.ofClients || client !== undefined ? { defaultMode: 0o440 } : { items: [{ key: "ca.crt", path: "ca.crt" }] };
    const secret = { secretName: client ?? tls.secretName, ...files };
    return [{ volume: { name, secret }, mountPath: tlsDirectory }];
}

/** The same in parameters of libpq. */
export function verification(tls: DatabaseTls | undefined): Record<string, string> {
    if (tls === undefined) return {};
    const file = (name: string): string => `${tlsDirectory}/${name}`;
    return {
        sslmode: "verify-full",
        sslrootcert: file("ca.crt"),
        ...(Object.keys(tls.clients).length > 0 && { sslcert: file("tls.crt"), sslkey: file("tls.key") }),
    };
}

/** The same for libpq, by variables. */
export function verificationVariables(tls: DatabaseTls | undefined): Record<string, string> {
    return Object.fromEntries(
        Object.entries(verification(tls)).map(([name, value]) => [`PG${name.toUpperCase()}`, value]),
    );
}

/** DATABASE_URL of a service, by its key in the Secret. */
export function databaseUrl(user: DatabaseUser, source: DatabaseSource): SecretKey {
    return { secret: source.secretName, key: urlKey(user, source) };
}

/** REDIS_URL: the chart's Redis without a password, or what the Secret says. */
export function redisUrl(platform: Platform, { secretName, hasRedisUrl }: DatabaseSource): Source {
    return hasRedisUrl === true
        ? { secret: secretName, key: "redis-url" }
        : `redis://${objectName(platform, "redis-master")}:${dataPorts.redis}`;
}
