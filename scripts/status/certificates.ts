/** The certificates of a stack's hosts. Only the certificate of a Secret is read, never its key. */
import { X509Certificate } from "node:crypto";
import type { Kubectl } from "../kubectl.ts";
import type { Host } from "./hosts.ts";

export interface Certificate {
    readonly secretName: string;
    readonly hosts: readonly string[];
    /** Times in ISO 8601; null where there is no certificate that can be read. */
    readonly notBefore: string | null;
    readonly notAfter: string | null;
    readonly daysLeft: number | null;
    readonly problem: string | null;
}

const day = 86_400_000;

/** cert-manager renews when a third of the lifetime is left. */
const latestRenewal = 1 / 4;

export async function certificatesOf(
    hosts: readonly Host[],
    kubectl: Kubectl,
    namespace: string,
    now: Date,
): Promise<readonly Certificate[]> {
    const served = hosts.filter(({ secretName }) => secretName !== null);
    const secrets = Map.groupBy(served, ({ secretName }) => secretName!);
    return Promise.all(
        [...secrets].map(async ([secretName, group]) => {
            const query = ["get", "secret", secretName, "-n", namespace, "--ignore-not-found"];
            const data = await kubectl([...query, "-o", String.raw`jsonpath={.data.tls\.crt}`]);
            const names = [...new Set(group.map(({ host }) => host))];
            return certificateOf(secretName, names, Buffer.from(data, "base64").toString(), now);
        }),
    );
}

function certificateOf(secretName: string, hosts: readonly string[], pem: string, now: Date): Certificate {
    const unread = (problem: string): Certificate => ({
        ...{ secretName, hosts, notBefore: null, notAfter: null, daysLeft: null, problem },
    });
    if (pem === "") return unread("there is no certificate");
    let certificate: X509Certificate;
    try {
        certificate = new X509Certificate(pem);
    } catch {
        return unread("tls.crt is no certificate");
    }
    const [start, end] = [certificate.validFrom, certificate.validTo].map((text) => Date.parse(text)) as [
        number,
        number,
    ];
    const left = end - now.getTime();
    const stranger = hosts.find((host) => certificate.checkHost(host) === undefined);
    const daysLeft = Math.floor(left / day);
    return {
        ...{ secretName, hosts, daysLeft },
        notBefore: new Date(start).toISOString(),
        notAfter: new Date(end).toISOString(),
        problem:
            stranger !== undefined
                ? `it is not for ${stranger}`
                : left <= 0
                  ? "it has expired"
                  : left < (end - start) * latestRenewal
                    ? `it expires in ${daysLeft} days and has not been renewed`
                    : null,
    };
}
