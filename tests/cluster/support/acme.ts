/**
 * An ACME server (pebble) outside of the shared cluster. It asks a name server of its own: for texts that answer its challenges,
 * and for the hosts at which it looks for other answers.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parse } from "yaml";
import { command } from "../../../local/cluster/command.ts";
import { createReport } from "../../../local/report.ts";
import { ensureTools } from "../../../local/tools/index.ts";
import { domain } from "../../../scripts/platform/https.ts";
import { shellBlock, withValues } from "../../support/guide.ts";
import { eventually, inShell, kubectl, root } from "./commands.ts";
import { openNameServer } from "./nameServer.ts";
import { onCluster } from "./objects.ts";
import { openOutside } from "./outside.ts";

/** A range for documentation: as public as an address gets. */
const address = "203.0.113.81";
const ports = { acme: 14000, management: 15000 } as const;

/** ClusterIssuers of docs/operations.md, by how they solve challenges. */
export const issuers = { http01: "letsencrypt-prod", dns01: "letsencrypt-dns" } as const;

interface Issuer {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly acme?: object };
}

export interface AcmeServer {
    /** Certificate (PEM) of its authority, which is another one at each start. */
    readonly root: Buffer;
    /** Has cert-manager ask the name server, as it looks for the answers itself before the server does. */
    publish(): Promise<void>;
    /** Gives cert-manager the key by which the name server takes updates; until then it has another. */
    allowUpdates(): Promise<void>;
    close(): Promise<void>;
}

/** All that docs/operations.md has. */
export function documentedIssuers(): readonly Issuer[] {
    const text = readFileSync(path.join(root, "docs/operations.md"), "utf8");
    const blocks = text.matchAll(/^```yaml\n(apiVersion: cert-manager[^]+?)^```$/gm);
    return [...blocks].map(([, yaml]) => parse(yaml!) as Issuer);
}

/** Starts one for which `hosts` have the address `at`, and makes the documented ClusterIssuers with accounts there. */
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
    const objects = [...clusterIssuers(readFileSync(certificate)), updateKey(randomBytes(32).toString("base64"))];
    const nameServer = await openNameServer(domain, hosts, at);
    const outside = await openOutside([address]);
    const options = ["-config", file("pebble.json"), "-dnsserver", nameServer.address];
    const server = spawn(
        "setpriv",
        ["--pdeathsig", "SIGKILL", "--", "nsenter", `--net=${outside.network}`, "--", pebble, ...options],
        { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, PEBBLE_VA_NOSLEEP: "1" } },
    );
    const close = async (): Promise<void> => {
        const closed = once(server, "close");
        if (server.kill("SIGKILL")) await closed;
        await outside.close();
        await nameServer.close();
        await onCluster("delete", objects, "--ignore-not-found");
        rmSync(home, { recursive: true });
    };
    try {
        await command("nsenter", `--net=${outside.network}`, "--", "ip", "link", "set", "lo", "up");
        const authority = await eventually(30, () => rootCertificate(outside.network, certificate));
        await onCluster("create", objects);
        const names = Object.values(issuers).map((name) => `clusterissuer/${name}`);
        await kubectl("wait", ...names, "--for=condition=Ready", "--timeout=60s");
        return {
            root: authority,
            publish: () => publish(nameServer.address),
            allowUpdates: () => allowUpdates(nameServer.key),
            close,
        };
    } catch (error) {
        await close();
        throw error;
    }
}

async function publish(nameServer: string): Promise<void> {
    const flags = [
        `--acme-http01-solver-nameservers=${nameServer}`,
        `--dns01-recursive-nameservers=${nameServer}`,
        "--dns01-recursive-nameservers-only",
    ];
    const path = "/spec/template/spec/containers/0/args/-";
    const patch = JSON.stringify(flags.map((value) => ({ op: "add", path, value })));
    const manager = ["-n", "cert-manager", "deployment/cert-manager"];
    await kubectl("patch", ...manager, "--type=json", "--patch", patch);
    await kubectl("rollout", "status", ...manager, "--timeout=60s");
}

/** Those of the documentation that ask an ACME server, with this one and for the zone of the tests. */
function clusterIssuers(trusted: Buffer): readonly object[] {
    const own = { server: `https://${address}:${ports.acme}/dir`, caBundle: trusted.toString("base64") };
    const text = JSON.stringify(documentedIssuers()).replaceAll("tradestream.io", domain);
    return (JSON.parse(text) as readonly Issuer[])
        .filter(({ metadata }) => (Object.values(issuers) as string[]).includes(metadata.name))
        .map((issuer) => ({ ...issuer, spec: { acme: { ...issuer.spec.acme, ...own } } }));
}

/** As the page says, which begins without a key. */
async function allowUpdates(key: string): Promise<void> {
    await onCluster("delete", [updateKey(key)]);
    const block = shellBlock("docs/operations.md", "kubectl create secret generic dns-update");
    await inShell(withValues(block, { "<secret>": `'${key}'` }));
}

/** The key of updates, where the documented issuer looks for it. */
function updateKey(secret: string): object {
    const metadata = { name: "dns-update", namespace: "cert-manager" };
    return { apiVersion: "v1", kind: "Secret", metadata, stringData: { "tsig-secret": secret } };
}

/** What the server says of its authority, asked for from its own network. */
async function rootCertificate(network: string, trusted: string): Promise<Buffer> {
    const url = `https://${address}:${ports.management}/roots/0`;
    const script = `process.stdout.write(await (await fetch(${JSON.stringify(url)})).text());`;
    const node = ["env", `NODE_EXTRA_CA_CERTS=${trusted}`, process.execPath, "--input-type=module", "-e", script];
    return Buffer.from(await command("nsenter", `--net=${network}`, "--", ...node));
}
