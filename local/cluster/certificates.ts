/** The cluster's certificates: three authorities and what they sign, made once by openssl. */
import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { apiServiceAddress, nodeAddress, nodeName } from "./settings.ts";
import type { ClusterSettings } from "./settings.ts";

const run = promisify(execFile);
const validDays = "3650";

type Authority = "ca" | "front-proxy-ca" | "etcd-ca";

/** One certificate to sign. */
export interface Leaf {
    /** Name of its files, `<name>.crt` and `<name>.key`. */
    readonly file: string;
    readonly authority: Authority;
    /** Common name: the user, for a client. */
    readonly name: string;
    /** Organization: the user's group. */
    readonly group?: string;
    /** Host names and addresses of a server. */
    readonly hosts?: readonly string[];
    readonly usage: "clientAuth" | "serverAuth" | "clientAuth,serverAuth";
}

/** The group that may do everything. */
const administrators = "system:masters";

/** Every certificate that the components of a cluster use. */
export function leaves(settings: ClusterSettings): Leaf[] {
    const client = (file: string, name: string, group?: string): Leaf => ({
        ...{ file, authority: "ca", name, usage: "clientAuth" },
        ...(group === undefined ? {} : { group }),
    });
    const node = nodeAddress(settings);
    const local = ["localhost", "127.0.0.1"];
    const service = (name: string): string[] => [name, `${name}.svc`, `${name}.svc.cluster.local`];
    const api = ["kubernetes", ...service("kubernetes.default"), node, apiServiceAddress(settings), ...local];
    const metrics = [...service("metrics-server.kube-system"), node];
    return [
        { file: "apiserver", authority: "ca", name: "kube-apiserver", hosts: api, usage: "serverAuth" },
        {
            file: "kubelet-server",
            authority: "ca",
            name: nodeName(settings),
            hosts: [nodeName(settings), node],
            usage: "serverAuth",
        },
        { file: "metrics-server", authority: "ca", name: "metrics-server", hosts: metrics, usage: "serverAuth" },
        { file: "etcd", authority: "etcd-ca", name: "etcd", hosts: local, usage: "clientAuth,serverAuth" },
        { file: "front-proxy-client", authority: "front-proxy-ca", name: "front-proxy-client", usage: "clientAuth" },
        client("admin", "kubernetes-admin", administrators),
        client("supervisor", "system:tradestream-supervisor", administrators),
        client("apiserver-kubelet-client", "kube-apiserver-kubelet-client", administrators),
        // Its controllers work under its own name rather than one account each (which costs seconds at each start).
        client("controller-manager", "system:kube-controller-manager", administrators),
        client("scheduler", "system:kube-scheduler"),
        client("kubelet", `system:node:${nodeName(settings)}`, "system:nodes"),
        client("kube-proxy", "system:kube-proxy"),
        client("coredns", "system:coredns"),
        client("metrics-client", "system:metrics-server"),
        client("kwok", "system:kwok", administrators),
    ];
}

/** Makes what is missing of the cluster's certificates in `directory`; all of them appear at once or none does. */
export async function ensureCertificates(directory: string, settings: ClusterSettings): Promise<void> {
    if (existsSync(directory)) return;
    const unfinished = `${directory}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true, mode: 0o700 });
    // Without the machine's own openssl.cnf, which would mark each certificate as an authority.
    writeFileSync(path.join(unfinished, "openssl.cnf"), "[req]\ndistinguished_name = dn\n[dn]\n");
    const authorities: readonly Authority[] = ["ca", "front-proxy-ca", "etcd-ca"];
    await Promise.all(
        authorities.map((authority) => openssl(unfinished, authorityArguments(authority, settings.name))),
    );
    await Promise.all(leaves(settings).map((leaf) => openssl(unfinished, leafArguments(leaf))));
    const tokens = generateKeyPairSync("ec", {
        namedCurve: "P-256",
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
        publicKeyEncoding: { type: "spki", format: "pem" },
    });
    writeFileSync(path.join(unfinished, "service-accounts.key"), tokens.privateKey, { mode: 0o600 });
    writeFileSync(path.join(unfinished, "service-accounts.pub"), tokens.publicKey);
    renameSync(unfinished, directory);
}

function authorityArguments(authority: Authority, cluster: string): string[] {
    return [
        ...request(authority, `/O=TradeStream local cluster/CN=${cluster} ${authority}`),
        ...["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"],
    ];
}

/** Arguments of `openssl req` for one certificate. */
export function leafArguments(leaf: Leaf): string[] {
    const group = leaf.group === undefined ? "" : `/O=${leaf.group}`;
    const hosts = (leaf.hosts ?? []).map((host) => (/^[\d.]+$/.test(host) ? `IP:${host}` : `DNS:${host}`));
    return [
        ...request(leaf.file, `${group}/CN=${leaf.name}`),
        ...["-CA", `${leaf.authority}.crt`, "-CAkey", `${leaf.authority}.key`],
        ...["-addext", "basicConstraints=critical,CA:FALSE", "-addext", "keyUsage=critical,digitalSignature"],
        ...["-addext", `extendedKeyUsage=${leaf.usage}`],
        ...(hosts.length > 0 ? ["-addext", `subjectAltName=${hosts.join(",")}`] : []),
    ];
}

function request(file: string, subject: string): string[] {
    return [
        ...["req", "-x509", "-config", "openssl.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
        ...["-noenc", "-days", validDays, "-subj", subject, "-keyout", `${file}.key`, "-out", `${file}.crt`],
    ];
}

async function openssl(directory: string, options: string[]): Promise<void> {
    try {
        await run("openssl", options, { cwd: directory });
    } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        throw new Error(`openssl could not make a certificate: ${detail}`, { cause: error });
    }
}
