/** What tests of alerts add to the stack's namespace: pods that are strained, a volume to fill, a certificate that is old. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { command } from "../../../local/cluster/command.ts";
import { eventually, get, kubectl, type KubeObject } from "./commands.ts";
import { nodeProcess } from "./node.ts";
import { onCluster } from "./objects.ts";
import { isReady, namespace } from "./tradestream.ts";

/** They have a shell. */
const [image, ...others] = ["redis:7", "curl:7", "postgresql:15"].map((name) => `debian.tradestream.local/${name}`);
const securityContext = {
    runAsNonRoot: true,
    runAsUser: 10001,
    runAsGroup: 10001,
    seccompProfile: { type: "RuntimeDefault" },
};
const confined = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };

interface Container {
    readonly name: string;
    readonly script: string;
    readonly limits?: object;
    readonly volumeMounts?: readonly object[];
}

function pod(name: string, containers: readonly Container[], volumes: readonly object[] = []): object {
    const of = ({ name, script, limits = { cpu: "100m", memory: "32Mi" }, volumeMounts = [] }: Container): object => ({
        ...{ name, image, command: ["/bin/sh", "-c", script], volumeMounts },
        ...{ imagePullPolicy: "Never", securityContext: confined },
        resources: { requests: limits, limits },
    });
    const spec = { securityContext, terminationGracePeriodSeconds: 1, containers: containers.map(of), volumes };
    return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace }, spec };
}

export const strained = "tradestream-strained";

/** A pod of the release that uses all its CPU, nearly all its memory, and crashes again and again. */
export async function strain(): Promise<void> {
    await onCluster("create", [
        pod(strained, [
            // The least that the kernel limits to is 10m. Seconds are too short to measure 90 % of a limit.
            { name: "cpu", script: "while :; do :; done", limits: { cpu: "5m", memory: "32Mi" } },
            {
                name: "memory",
                // A buffer of 59 MB that is full, as nobody reads it. What uses no CPU at all is seldom looked at.
                script: "dd if=/dev/zero bs=59M count=1 iflag=fullblock | while sleep 1; do :; done",
                limits: { cpu: "100m", memory: "64Mi" },
            },
            { name: "crash", script: "sleep 1; exit 1" },
        ]),
    ]);
    // The pauses between restarts get longer and longer. Those of another image begin anew.
    for (const [index, other] of others.entries()) {
        await eventually(60, async () => ((await restarts()) > index ? true : undefined));
        await kubectl("set", "image", `pod/${strained}`, "-n", namespace, `crash=${other}`);
    }
}

async function restarts(): Promise<number> {
    const [found] = await get("pod", strained, "-n", namespace);
    const containers = (found!.status["containerStatuses"] ?? []) as readonly { name: string; restartCount: number }[];
    return containers.find(({ name }) => name === "crash")?.restartCount ?? 0;
}

export async function relax(): Promise<void> {
    await kubectl("delete", "pod", strained, "-n", namespace, "--ignore-not-found", "--now");
}

export const claim = "filling";
const writer = "tradestream-writer";
const size = 64;

/** A claim whose volume is a file system of its own, with a pod that can write to it. */
export async function openVolume(): Promise<void> {
    const resources = { requests: { storage: `${size}Mi` } };
    const spec = { accessModes: ["ReadWriteOnce"], resources };
    await onCluster("create", [
        { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: claim, namespace }, spec },
    ]);
    const directory = await directoryOf();
    await inNode(`mount -t tmpfs -o size=${size}m,mode=777 tmpfs ${directory}`);
    const volumeMounts = [{ name: "data", mountPath: "/data" }];
    const volumes = [{ name: "data", persistentVolumeClaim: { claimName: claim } }];
    // What it writes is memory, and counts as its own.
    const limits = { cpu: "100m", memory: `${2 * size}Mi` };
    const container = { name: "writer", script: "sleep infinity", limits, volumeMounts };
    await onCluster("create", [pod(writer, [container], volumes)]);
    await eventually(60, async () => (isReady((await get("pod", writer, "-n", namespace))[0]!) ? true : undefined));
}

/** Fills the volume up to this share. */
export async function fill(share: number): Promise<void> {
    const script = `dd if=/dev/zero of=/data/full bs=1M count=${Math.floor(size * share)}`;
    await kubectl("exec", writer, "-n", namespace, "--", "sh", "-c", script);
}

export async function empty(): Promise<void> {
    await kubectl("exec", writer, "-n", namespace, "--", "rm", "-f", "/data/full");
}

export async function closeVolume(): Promise<void> {
    const directory = await directoryOf();
    await kubectl("delete", "pod", writer, "-n", namespace, "--now");
    await inNode(`! mountpoint -q ${directory} || umount ${directory}`);
    await kubectl("delete", "pvc", claim, "-n", namespace);
}

async function directoryOf(): Promise<string> {
    const name = await eventually(60, async () => {
        const [found] = await get("pvc", claim, "-n", namespace);
        return found!.status["phase"] === "Bound" ? String(found!.spec["volumeName"]) : undefined;
    });
    const [volume] = (await get("pv", name)) as [KubeObject];
    return (volume.spec["local"] as { path: string }).path;
}

async function inNode(script: string): Promise<void> {
    await command("nsenter", "--target", String(nodeProcess()), "--mount", "--", "sh", "-ec", script);
}

export const oldCertificate = "old";
export const missingCertificate = "missing";
const issuerRef = { kind: "Issuer", name: "does-not-exist" };
const day = 24 * 60 * 60 * 1000;

/**
 * Certificates of an issuer that does not exist: one that was to be renewed yesterday and ends in half a day, and one that
 * was never issued.
 */
export async function addCertificates(): Promise<void> {
    const data = await signedAt(Date.now() - 4 * day, Date.now() + day / 2);
    const secret = { name: oldCertificate, namespace };
    const certificates = [oldCertificate, missingCertificate].map((name) => {
        const spec = { secretName: name, dnsNames: [`${name}.example.com`], issuerRef };
        return { apiVersion: "cert-manager.io/v1", kind: "Certificate", metadata: { name, namespace }, spec };
    });
    await onCluster("create", [
        { apiVersion: "v1", kind: "Secret", type: "kubernetes.io/tls", metadata: secret, data },
        ...certificates,
    ]);
}

export async function removeCertificates(): Promise<void> {
    await kubectl("delete", "certificate", oldCertificate, missingCertificate, "-n", namespace);
    await kubectl("delete", "secret", oldCertificate, "-n", namespace);
}

/** Data of a Secret with a certificate that is valid from one time to another. */
async function signedAt(from: number, to: number): Promise<Readonly<Record<string, string>>> {
    const home = mkdtempSync(path.join(os.tmpdir(), "tradestream-certificate-"));
    const at = (file: string): string => path.join(home, file);
    const time = (milliseconds: number): string =>
        `${new Date(milliseconds).toISOString().replace(/\D/g, "").slice(2, 14)}Z`;
    try {
        const authority = `database = ${at("index")}\nnew_certs_dir = ${home}\nrand_serial = yes\npolicy = any\n`;
        writeFileSync(at("cnf"), `[ca]\ndefault_ca = own\n[own]\n${authority}[any]\ncommonName = supplied\n`);
        writeFileSync(at("index"), "");
        const subject = ["-subj", `/CN=${oldCertificate}.example.com`];
        const files = ["-keyout", at("key"), "-out", at("csr")];
        await command("openssl", "req", "-newkey", "rsa:2048", "-nodes", ...subject, ...files);
        const signing = [
            "-batch",
            "-notext",
            "-selfsign",
            "-md",
            "sha256",
            "-config",
            at("cnf"),
            "-keyfile",
            at("key"),
        ];
        const times = ["-startdate", time(from), "-enddate", time(to)];
        await command("openssl", "ca", ...signing, ...times, "-in", at("csr"), "-out", at("crt"));
        const content = (file: string): string => readFileSync(at(file)).toString("base64");
        return { "tls.crt": content("crt"), "tls.key": content("key") };
    } finally {
        rmSync(home, { recursive: true });
    }
}
