import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { DatabaseTlsConfig } from "../config/database.ts";
import type { DatabaseTls } from "./dataServices.ts";
import { definition } from "./presence.ts";
import { objectMetadata } from "./shared/metadata.ts";
import { objectName, type Platform } from "./shared/platform.ts";

export interface DatabaseCertificateArgs extends DatabaseTlsConfig {
    readonly platform: Platform;
}

/** What has to exist before, unless the certificate is made elsewhere. */
export const certificateApi = definition("certificates.cert-manager.io");

/** Ten years: what trusts an authority reads it when it starts. */
const authorityDuration = "87600h";
const apiVersion = "cert-manager.io/v1";

/**
 * The certificate of the chart's PostgreSQL. Public authorities sign no names of a cluster, so cert-manager makes an authority
 * for this one server, and renews what it signs.
 */
export class DatabaseCertificate extends pulumi.ComponentResource {
    /** The Secret, known when the certificate is there. */
    public readonly tls: DatabaseTls;

    public constructor(name: string, args: DatabaseCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tradestream:index:DatabaseCertificate", name, args, opts);
        const secretName = args.secretName ?? this.issue(name, args);
        this.tls = { secretName, ofClients: args.ofClients };
        this.registerOutputs({ secretName });
    }

    private issue(name: string, { platform, namespace }: DatabaseCertificateArgs): pulumi.Output<string> {
        const object = (kind: string, suffix: string, spec: object, dependsOn: pulumi.Resource[] = []) =>
            new kubernetes.apiextensions.CustomResource(
                `${name}-${suffix}-${kind.toLowerCase()}`,
                {
                    apiVersion,
                    kind,
                    metadata: {
                        ...objectMetadata(platform, suffix),
                        annotations: { "pulumi.com/waitFor": "condition=Ready" },
                    },
                    spec,
                },
                { parent: this, dependsOn },
            );
        const nameOf = (suffix: string): string => objectName(platform, suffix);
        const [server, authority, selfSigned] = ["postgresql-tls", "database-ca", "self-signed"] as const;
        const root = object("Issuer", selfSigned, { selfSigned: {} });
        const rootCertificate = object(
            "Certificate",
            authority,
            {
                isCA: true,
                commonName: nameOf(authority),
                secretName: nameOf(authority),
                duration: authorityDuration,
                privateKey: { algorithm: "ECDSA", size: 256 },
                issuerRef: { kind: "Issuer", name: nameOf(selfSigned) },
            },
            [root],
        );
        const issuer = object("Issuer", authority, { ca: { secretName: nameOf(authority) } }, [rootCertificate]);
        const host = nameOf("postgresql");
        const certificate = object(
            "Certificate",
            server,
            {
                secretName: nameOf(server),
                dnsNames: [host, `${host}.${namespace}`, `${host}.${namespace}.svc`],
                usages: ["server auth"],
                privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
                issuerRef: { kind: "Issuer", name: nameOf(authority) },
            },
            [issuer],
        );
        return certificate.metadata.name;
    }
}
