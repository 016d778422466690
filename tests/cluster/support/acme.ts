/** An ACME server (pebble) outside of the shared cluster, which looks for answers to its challenges at the ingress controller. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { command } from "../../../local/cluster/command.ts";
import { createReport } from "../../../local/report.ts";
import { ensureTools } from "../../../local/tools/index.ts";
import { eventually, kubectl } from "./commands.ts";
import { onCluster } from "./objects.ts";
import { openOutside } from "./outside.ts";

/** A range for documentation: as public as an address gets. */
const address = "203.0.113.81";
const ports = { acme: 14000, management: 15000 } as const;
const name = "acme";

export interface AcmeServer {
    /** Name of a ClusterIssuer that has an account there and solves HTTP-01 challenges by Ingresses. */
    readonly issuer: string;
    /** Certificate (PEM) of its authority, which is another one at each start. */
    readonly root: Buffer;
    /** Gives the hosts their address for cert-manager, which asks for the answer itself before the server does. */
    publish(): Promise<void>;
    close(): Promise<void>;
}

/** Starts one for which `hosts` have the address `at`, and makes its ClusterIssuer. */
export async function openAcme(hosts: readonly string[], at: string): Promise<AcmeServer> {
    const { pebble } = await ensureTools(["pebble"], createReport());
    const home = mkdtempSync(path.join(os.tmpdir(), "tradestream-acme-"));
    const file = (name: string): string => path.join(home, name);
    const [certificate, privateKey] = [file("tls.crt"), file("tls.key")];
    const subject = ["-subj", "/CN=acme", "-addext", `subjectAltName=IP:${address}`, "-days", "2"];
    const files = ["-keyout", privateKey, "-out", certificate];
    await command("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject, ...files);
    const config = {
        ...{ listenAddress: `${address}:${ports.acme}`, managementListenAddress: `${address}:${ports.management}` },
        ...{ certificate, privateKey, httpPort: 80, tlsPort: 443, retryAfter: { authz: 1, order: 1 } },
    };
    writeFileSync(file("pebble.json"), JSON.stringify({ pebble: config }));
    writeFileSync(file("hosts"), hosts.map((host) => `${at} ${host}\n`).join(""));
    const issuer = clusterIssuer(readFileSync(certificate));
    const outside = await openOutside([address]);
    // With a file of hosts of its own, it needs no name server.
    const script = 'mount --bind "$1" /etc/hosts && exec "$2" -config "$3"';
    const shell = ["unshare", "--mount", "sh", "-c", script, "sh", file("hosts"), pebble, file("pebble.json")];
    const server = spawn(
        "setpriv",
        ["--pdeathsig", "SIGKILL", "--", "nsenter", `--net=${outside.network}`, "--", ...shell],
        { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, PEBBLE_VA_NOSLEEP: "1" } },
    );
    const close = async (): Promise<void> => {
        const closed = once(server, "close");
        if (server.kill("SIGKILL")) await closed;
        await outside.close();
        await onCluster("delete", [issuer], "--ignore-not-found");
        rmSync(home, { recursive: true });
    };
    try {
        await command("nsenter", `--net=${outside.network}`, "--", "ip", "link", "set", "lo", "up");
        const root = await eventually(30, () => rootCertificate(outside.network, certificate));
        await onCluster("create", [issuer]);
        await kubectl("wait", `clusterissuer/${name}`, "--for=condition=Ready", "--timeout=60s");
        return { issuer: name, root, publish: () => publish(hosts, at), close };
    } catch (error) {
        await close();
        throw error;
    }
}

async function publish(hosts: readonly string[], at: string): Promise<void> {
    const hostAliases = [{ ip: at, hostnames: hosts }];
    const manager = ["-n", "cert-manager", "deployment/cert-manager"];
    await kubectl("patch", ...manager, "--patch", JSON.stringify({ spec: { template: { spec: { hostAliases } } } }));
    await kubectl("rollout", "status", ...manager, "--timeout=60s");
}

function clusterIssuer(trusted: Buffer) {
    const acme = {
        server: `https://${address}:${ports.acme}/dir`,
        caBundle: trusted.toString("base64"),
        privateKeySecretRef: { name: "acme-account" },
        solvers: [{ http01: { ingress: { ingressClassName: "nginx" } } }],
    };
    return { apiVersion: "cert-manager.io/v1", kind: "ClusterIssuer", metadata: { name }, spec: { acme } };
}

/** What the server says of its authority, asked for from its own network. */
async function rootCertificate(network: string, trusted: string): Promise<Buffer> {
    const url = `https://${address}:${ports.management}/roots/0`;
    const script = `process.stdout.write(await (await fetch(${JSON.stringify(url)})).text());`;
    const node = ["env", `NODE_EXTRA_CA_CERTS=${trusted}`, process.execPath, "--input-type=module", "-e", script];
    return Buffer.from(await command("nsenter", `--net=${network}`, "--", ...node));
}
