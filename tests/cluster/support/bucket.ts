/** An S3 server with a bucket, outside of the shared cluster, over TLS. Its objects are files that tests can damage. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { command } from "../../../local/cluster/command.ts";
import { createReport } from "../../../local/report.ts";
import { ensureTools } from "../../../local/tools/index.ts";
import type { Change } from "../../support/configuration.ts";
import { command as run, eventually, kubectl } from "./commands.ts";
import { openOutside } from "./outside.ts";

/** A range for documentation: as public as an address gets. */
const address = "203.0.113.80";
const port = 7070;
const namespace = "storage";
const host = `s3.${namespace}.svc.cluster.local`;
const name = "backups";
const region = "eu-central-1";
const keys = { access: "tests", secret: "secret-of-the-tests" };

export interface Bucket {
    /** The directory with the bucket's objects as files. */
    readonly directory: string;
    /** What a stack is configured with for it. */
    readonly config: Change;
    close(): Promise<void>;
}

export async function openBucket(): Promise<Bucket> {
    const { versitygw } = await ensureTools(["versitygw"], createReport());
    const home = mkdtempSync(path.join(os.tmpdir(), "tradestream-bucket-"));
    const at = (file: string): string => path.join(home, file);
    const subject = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`, "-days", "2"];
    const files = ["-keyout", at("tls.key"), "-out", at("tls.crt")];
    await command("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject, ...files);
    for (const directory of ["objects", `objects/${name}`, "metadata"]) mkdirSync(at(directory));
    const outside = await openOutside([address]);
    const listening = [
        "--port",
        `${address}:${port}`,
        "--cert",
        at("tls.crt"),
        "--key",
        at("tls.key"),
        "--quiet",
        "--keep-alive",
    ];
    const within = (...words: string[]): Promise<string> =>
        command("nsenter", `--net=${outside.network}`, "--", ...words);
    const server = spawn(
        "setpriv",
        [
            ...["--pdeathsig", "SIGKILL", "--", "nsenter", `--net=${outside.network}`, "--", versitygw],
            ...[...listening, "--region", region, "posix", "--sidecar", at("metadata"), at("objects")],
        ],
        {
            stdio: ["ignore", "ignore", "inherit"],
            env: { ROOT_ACCESS_KEY: keys.access, ROOT_SECRET_KEY: keys.secret },
        },
    );
    const close = async (): Promise<void> => {
        const closed = once(server, "close");
        server.kill("SIGKILL");
        await closed;
        await outside.close();
        await kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false");
        rmSync(home, { recursive: true });
    };
    try {
        const { kubectl: file } = await ensureTools(["kubectl"], createReport());
        const list = { apiVersion: "v1", kind: "List", items: serviceObjects() };
        const { code, stderr } = await run(file, ["apply", "-f", "-"], { input: JSON.stringify(list) });
        if (code !== 0) throw new Error(stderr);
        const script = `exec 3<>/dev/tcp/${address}/${port}`;
        await within("ip", "link", "set", "lo", "up");
        await eventually(30, () => within("bash", "-c", script));
    } catch (error) {
        await close();
        throw error;
    }
    return {
        directory: at(`objects/${name}`),
        config: {
            "backup.enabled": true,
            "backup.s3": {
                endpoint: `https://${host}:${port}`,
                bucket: name,
                region,
                uriStyle: "path",
                ca: readFileSync(at("tls.crt"), "utf8"),
            },
            backupPassphrase: "the-passphrase-of-the-tests",
            backupAccessKey: keys.access,
            backupSecretKey: keys.secret,
        },
        close,
    };
}

/** A name for an address outside: a Service without pods. */
function serviceObjects(): object[] {
    const metadata = { name: "s3", namespace };
    return [
        { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
        { apiVersion: "v1", kind: "Service", metadata, spec: { clusterIP: "None", ports: [{ name: "https", port }] } },
        {
            apiVersion: "discovery.k8s.io/v1",
            kind: "EndpointSlice",
            metadata: { ...metadata, labels: { "kubernetes.io/service-name": "s3" } },
            addressType: "IPv4",
            endpoints: [{ addresses: [address] }],
            ports: [{ name: "https", port }],
        },
    ];
}
