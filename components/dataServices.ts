/** How services reach the chart's database and cache, or a database outside the cluster. */
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
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

/** Connections to the chart's database or cache. */
export function toData(platform: Platform, service: keyof typeof dataPorts): Egress {
    return to([{ podSelector: { matchLabels: { ...dataLabels(platform, service) } } }], dataPorts[service]);
}

/** Where a database outside the cluster is. */
export interface ExternalDatabase {
    readonly port: number;
    /** Ranges of its addresses; none means any address. */
    readonly cidrs: readonly string[];
}

/** Connections to the database, in the cluster or outside. */
export function toDatabase(platform: Platform, external: ExternalDatabase | undefined): Egress {
    if (external === undefined) {
        return toData(platform, "postgresql");
    }
    const { port, cidrs } = external;
    const peers = cidrs.map((cidr) => ({ ipBlock: { cidr } }));
    return { ...(peers.length > 0 && { to: peers }), ports: [{ protocol: "TCP", port }] };
}

/** The Secret with the addresses of the database. */
export interface DatabaseSource extends SecretSource, Logins {
    /** Secret with the authority of the database, `ca.crt`; where there is one, services verify the server. */
    readonly tls?: DatabaseTls | undefined;
}

/** What services verify the database with. */
export interface DatabaseTls {
    readonly secretName: pulumi.Input<string>;
    /** Whether the Secret is all about clients, and may have a certificate of theirs. Otherwise its key is the server's. */
    readonly ofClients: boolean;
}

const tlsDirectory = "/etc/database-tls";

/** Where the authority of the database is in the pods of services. */
export const authorityFile = `${tlsDirectory}/ca.crt`;

/** The authority of the database, and a client's certificate where there is one, as files in pods. */
export function databaseVolumes(tls: DatabaseTls | undefined): readonly MountedVolume[] {
    if (tls === undefined) return [];
    const { secretName, ofClients } = tls;
    // Clients, too, refuse a key that others may read.
    const files = ofClients ? { defaultMode: 0o440 } : { items: [{ key: "ca.crt", path: "ca.crt" }] };
    return [{ volume: { name: "database-tls", secret: { secretName, ...files } }, mountPath: tlsDirectory }];
}

/** The same for libpq, by variables. */
export function verification(tls: DatabaseTls | undefined): Record<string, string> {
    return tls === undefined ? {} : { PGSSLMODE: "verify-full", PGSSLROOTCERT: authorityFile };
}

/** DATABASE_URL of a service, by its key in the Secret. */
export function databaseUrl(user: DatabaseUser, source: DatabaseSource): SecretKey {
    return { secret: source.secretName, key: urlKey(user, source) };
}

/** REDIS_URL: an address without password, or the Secret's with one. */
export function redisUrl(platform: Platform, secret: pulumi.Input<string>, auth: boolean): Source {
    return auth ? { secret, key: "redis-url" } : `redis://${objectName(platform, "redis-master")}:${dataPorts.redis}`;
}
