import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ServerTls } from "../config/chartValues.ts";
import { databaseClientPrefix, secretNames } from "../config/secretNames.ts";
import type { DatabaseTlsConfig } from "../config/database.ts";
import { clientsOf, type Logins } from "./databaseLogins.ts";
import type { DatabaseTls } from "./dataServices.ts";
import { definition } from "./presence.ts";
import { objectMetadata } from "./shared/metadata.ts";
import { objectName, type Platform } from "./shared/platform.ts";

export interface DatabaseCertificateArgs extends DatabaseTlsConfig, Logins {
    readonly platform: Platform;
}

/** What has to exist before, unless the certificates are made elsewhere. */
export const certificateApi = definition("certificates.cert-manager.io");

/** Ten years: what trusts an authority reads it when it starts. */
const authorityDuration = "87600h";
/** A year, renewed after the half: some drivers read a certificate only when the service starts. */
const clientDurations = { duration: "8760h", renewBefore: "4380h" };
const apiVersion = "cert-manager.io/v1";
const privateKey = { algorithm: "ECDSA", size: 256, encoding: "PKCS8", rotationPolicy: "Always" };

const names = {
    server: secretNames.databaseServer,
    authority: secretNames.databaseAuthority,
    selfSigned: "self-signed",
} as const;

/**
 * The certificates of the chart's PostgreSQL and of the roles in it. Public authorities sign no names of a cluster, so
 * cert-manager makes an authority for this one server, and renews what it signs. Or Secrets that exist have them.
 */
export class DatabaseCertificate extends pulumi.ComponentResource {
    /** Its Secrets are known when the certificates are there. */
    public readonly forClients: DatabaseTls;
    /** Absent where the database is outside the cluster. */
    public readonly forServer: ServerTls | undefined;

    public constructor(name: string, args: DatabaseCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tradestream:index:DatabaseCertificate", name, args, opts);
        const { platform, clientCertificates, ofClients } = args;
        const issuer = args.secretName === undefined ? this.authority(name, platform) : undefined;
        const secretOf = (id: string, suffix: string, spec: object, elsewhere = objectName(platform, suffix)) =>
            issuer ? this.certificate(`${name}-${id}`, platform, suffix, spec, issuer) : elsewhere;
        const secretName = secretOf(names.server, names.server, serverSpec(args), args.secretName);
        const roles = ofClients || clientCertificates === "none" ? [] : clientsOf(args);
        const clients = Object.fromEntries(
            roles.map((role) => [role, secretOf(role, clientSecret(role), clientSpec(role))]),
        );
        this.forClients = { secretName, ofClients, clients };
        this.forServer = ofClients ? undefined : { secretName, clientCertificates };
        this.registerOutputs({ secretName });
    }

    private authority(name: string, platform: Platform): pulumi.Resource {
        const { selfSigned, authority } = names;
        const root = this.object(`${name}-${selfSigned}`, platform, "Issuer", selfSigned, { selfSigned: {} });
        const certificate = this.object(
            `${name}-${authority}`,
            platform,
            "Certificate",
            authority,
            {
                isCA: true,
                commonName: objectName(platform, authority),
                secretName: objectName(platform, authority),
                duration: authorityDuration,
                privateKey: { algorithm: "ECDSA", size: 256 },
                issuerRef: { kind: "Issuer", name: objectName(platform, selfSigned) },
            },
            root,
        );
        const ca = { secretName: objectName(platform, authority) };
        return this.object(`${name}-${authority}`, platform, "Issuer", authority, { ca }, certificate);
    }

    /** A certificate signed by the authority, in a Secret of its own name. */
    private certificate(
        name: string,
        platform: Platform,
        suffix: string,
        spec: object,
        issuer: pulumi.Resource,
    ): pulumi.Output<string> {
        const issuerRef = { kind: "Issuer", name: objectName(platform, names.authority) };
        const signed = { secretName: objectName(platform, suffix), privateKey, issuerRef };
        return this.object(name, platform, "Certificate", suffix, { ...signed, ...spec }, issuer).metadata.name;
    }

    private object(
        name: string,
        platform: Platform,
        kind: string,
        suffix: string,
        spec: object,
        after?: pulumi.Resource,
    ): kubernetes.apiextensions.CustomResource {
        const annotations = { "pulumi.com/waitFor": "condition=Ready" };
        return new kubernetes.apiextensions.CustomResource(
            `${name}-${kind.toLowerCase()}`,
            { apiVersion, kind, metadata: { ...objectMetadata(platform, suffix), annotations }, spec },
            { parent: this, ...(after && { dependsOn: after }) },
        );
    }
}

/** What the name of the Secret with a role's certificate ends with. */
export function clientSecret(role: string): string {
    return `${databaseClientPrefix}${role.replaceAll("_", "-")}`;
}

function serverSpec({ platform, namespace }: DatabaseCertificateArgs): object {
    const host = objectName(platform, "postgresql");
    return { dnsNames: [host, `${host}.${namespace}`, `${host}.${namespace}.svc`], usages: ["server auth"] };
}

/** PostgreSQL compares the common name with the role. */
function clientSpec(role: string): object {
    return { commonName: role, usages: ["client auth"], ...clientDurations };
}
