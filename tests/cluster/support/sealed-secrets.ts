/** The controller of Sealed Secrets beside the shared cluster, and kubeseal with its certificate. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createReport } from "../../../local/report.ts";
import { ensureTools, moduleSource } from "../../../local/tools/index.ts";
import { connection } from "./api.ts";
import { command, eventually, get, kubectl } from "./commands.ts";
import { onCluster } from "./objects.ts";

const name = "sealed-secrets";
const metadata = { name };
const account = { kind: "ServiceAccount", name, namespace: name };
const rbac = "rbac.authorization.k8s.io";

const objects = [
    { apiVersion: "v1", kind: "Namespace", metadata },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: name } },
    {
        apiVersion: `${rbac}/v1`,
        kind: "ClusterRole",
        metadata,
        rules: [
            { apiGroups: ["bitnami.com"], resources: ["sealedsecrets"], verbs: ["get", "list", "watch"] },
            { apiGroups: ["bitnami.com"], resources: ["sealedsecrets/status"], verbs: ["update"] },
            { apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch", "create", "update", "delete"] },
            { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
        ],
    },
    {
        apiVersion: `${rbac}/v1`,
        kind: "ClusterRoleBinding",
        metadata,
        roleRef: { apiGroup: rbac, kind: "ClusterRole", name },
        subjects: [account],
    },
];

/** It looks for its account where a pod has it. */
const script = `mount -t tmpfs none /run
mkdir -p /run/secrets/kubernetes.io
cp -r "$1" /run/secrets/kubernetes.io/serviceaccount
exec "$2" --listen-addr=127.0.0.1:0 --listen-metrics-addr=127.0.0.1:0`;

export interface SealedSecrets {
    /** File with the certificate to seal with. */
    readonly certificate: string;
    /** What only the controller can read, and only for this Secret. */
    seal(value: string, namespace: string, secret: string): Promise<string>;
    close(): Promise<void>;
}

export async function openSealedSecrets(): Promise<SealedSecrets> {
    const tools = await ensureTools(["sealed-secrets", "kubeseal"], createReport());
    const definitions = path.join(await moduleSource("sealed-secrets"), "helm/sealed-secrets/crds");
    const files = readdirSync(definitions).flatMap((file) => ["-f", path.join(definitions, file)]);
    const home = mkdtempSync(path.join(os.tmpdir(), "tradestream-sealed-secrets-"));
    const [directory, certificate] = [path.join(home, "account"), path.join(home, "tls.crt")];
    await kubectl("apply", "--server-side", ...files);
    await kubectl("wait", "--for=condition=Established", "--timeout=60s", ...files);
    await onCluster("create", objects);
    const { server, options } = connection();
    await command("mkdir", [directory]);
    const token = await kubectl("create", "token", name, "-n", name);
    for (const [file, content] of Object.entries({ token, namespace: name, "ca.crt": String(options.ca) }))
        writeFileSync(path.join(directory, file), content);
    const { hostname, port } = new URL(server);
    const shell = ["unshare", "--mount", "sh", "-euc", script, "sh", directory, tools["sealed-secrets"]];
    const controller = spawn("setpriv", ["--pdeathsig", "SIGKILL", "--", ...shell], {
        stdio: ["ignore", "ignore", "inherit"],
        env: { ...process.env, KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
    });
    const close = async (): Promise<void> => {
        const closed = once(controller, "close");
        if (controller.kill("SIGKILL")) await closed;
        await onCluster("delete", objects, "--ignore-not-found", "--wait=false");
        await kubectl("delete", "--ignore-not-found", "--wait=false", ...files);
        rmSync(home, { recursive: true });
    };
    const seal = async (value: string, namespace: string, secret: string): Promise<string> => {
        const file = path.join(home, randomUUID());
        writeFileSync(file, value);
        const of = ["--raw", "--namespace", namespace, "--name", secret, "--cert", certificate];
        const { code, stdout, stderr } = await command(tools.kubeseal, [...of, `--from-file=${file}`]);
        if (code !== 0) throw new Error(stderr);
        return stdout;
    };
    try {
        const key = "sealedsecrets.bitnami.com/sealed-secrets-key";
        const made = await eventually(60, async () => (await get("secrets", "-n", name, "-l", key))[0]);
        writeFileSync(certificate, Buffer.from(made.data!["tls.crt"]!, "base64"));
        return { certificate, seal, close };
    } catch (error) {
        await close();
        throw error;
    }
}
