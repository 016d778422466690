import type { Kubectl } from "../kubectl.ts";
import { type Condition, hasCondition } from "../status/objects.ts";
import type { Drill } from "./drill.ts";

export interface Certificate {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly secretName: string; readonly dnsNames?: readonly string[] };
    readonly status?: {
        readonly notAfter?: string;
        readonly revision?: number;
        readonly conditions?: readonly Condition[];
    };
}

const kind = "certificates.cert-manager.io";

export const expireCertificate: Drill = {
    about: "have cert-manager renew the certificate that expires first",
    targetSeconds: 300,
    async prepare({ kubectl, namespace }) {
        const list = await kubectl(["get", kind, "-n", namespace, "-o", "json"]).catch((error: unknown) => {
            if (/doesn't have a resource type/.test(String(error))) throw new Error("the cluster has no cert-manager");
            throw error;
        });
        const { items } = JSON.parse(list) as { readonly items: readonly Certificate[] };
        const issued = items.filter((each) => hasCondition(each, "Ready"));
        const [first] = issued.toSorted((a, b) => (a.status?.notAfter ?? "").localeCompare(b.status?.notAfter ?? ""));
        if (first === undefined) throw new Error("the namespace has no certificate of cert-manager that is issued");
        const { name } = first.metadata;
        const { dnsNames = [], secretName } = first.spec;
        return {
            does: `The certificate ${name} (${dnsNames.join(", ")}) is renewed at once, as when it is about to expire; the issuer counts it.`,
            notice: `Nothing: the old certificate serves until the new one is in the Secret ${secretName}.`,
            cause: () => renew(kubectl, namespace, first),
            recovered: async () => {
                const text = await kubectl(["get", kind, name, "-n", namespace, "-o", "json"]);
                const now = JSON.parse(text) as Certificate;
                const isNew = (now.status?.revision ?? 0) > (first.status?.revision ?? 0);
                return isNew && hasCondition(now, "Ready") && !hasCondition(now, "Issuing");
            },
        };
    },
};

/** Has cert-manager issue a certificate anew, as `cmctl renew` does. */
export async function renew(kubectl: Kubectl, namespace: string, { metadata, status }: Certificate): Promise<void> {
    const condition = { type: "Issuing", status: "True", reason: "ManuallyTriggered", message: "by a drill" };
    const conditions = [...(status?.conditions ?? []), condition];
    const patch = ["--subresource=status", "--type=merge", "-p", JSON.stringify({ status: { conditions } })];
    await kubectl(["patch", kind, metadata.name, "-n", namespace, ...patch]);
}
