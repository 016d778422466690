/** Kubeconfig files, with certificates inside, so that one file can be copied elsewhere. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import { apiUrl, contextName } from "./settings.ts";
import type { ClusterSettings } from "./settings.ts";

/** The kubeconfig of the user whose certificate is `<file>.crt` in the directory `pki`, as text. */
export function kubeconfigText(settings: ClusterSettings, pki: string, file: string): string {
    const encoded = (name: string): string => readFileSync(path.join(pki, name)).toString("base64");
    const context = contextName(settings.name);
    const user = `${context}-${file}`;
    return stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": context,
        clusters: [
            { name: context, cluster: { server: apiUrl(settings), "certificate-authority-data": encoded("ca.crt") } },
        ],
        users: [
            {
                name: user,
                user: {
                    "client-certificate-data": encoded(`${file}.crt`),
                    "client-key-data": encoded(`${file}.key`),
                },
            },
        ],
        contexts: [{ name: context, context: { cluster: context, user } }],
    });
}

/** Writes such a kubeconfig; only its owner may read it. */
export function writeKubeconfig(target: string, settings: ClusterSettings, pki: string, file: string): void {
    writeFileSync(target, kubeconfigText(settings, pki, file), { mode: 0o600 });
}
