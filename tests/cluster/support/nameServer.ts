/** An authoritative name server (Knot DNS) in a pod, at a public address: it answers for one zone, and takes updates of it. */
import { randomBytes } from "node:crypto";
import { loadImages } from "../../../local/cluster/index.ts";
import { nameServer as recipe } from "../../../local/images/catalogue.ts";
import { buildImages } from "../../../local/images/index.ts";
import { createReport } from "../../../local/report.ts";
import { cluster } from "./cluster-name.ts";
import { kubectl } from "./commands.ts";
import { onCluster } from "./objects.ts";

/** As docs/operations.md has it. */
const [address, keyName] = ["203.0.113.53", "cert-manager"] as const;
const namespace = "name-server";
const metadata = { name: "knot", namespace };
const labels = { app: metadata.name };
const files = "/etc/knot";
const port = 53;

export interface NameServer {
    /** Address and port. */
    readonly address: string;
    /** The secret of the key that an update has to be signed with (TSIG), in base64. */
    readonly key: string;
    close(): Promise<void>;
}

/** Starts one for `zone`, in which `hosts` have the address `at`. */
export async function openNameServer(zone: string, hosts: readonly string[], at: string): Promise<NameServer> {
    const report = createReport();
    const images = await buildImages(report, { recipes: [recipe] });
    await loadImages(
        cluster,
        images.map(({ archive }) => archive),
        report,
    );
    const key = randomBytes(32).toString("base64");
    const close = async (): Promise<void> => {
        await kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false");
    };
    await kubectl("delete", "namespace", namespace, "--ignore-not-found");
    await onCluster("create", objects({ "knot.conf": configuration(zone, key), zone: records(hosts, at) }));
    await kubectl("wait", `pod/${metadata.name}`, "-n", namespace, "--for=condition=Ready", "--timeout=60s");
    return { address: `${address}:${port}`, key, close };
}

/** Whoever has the key may update texts, and nothing else. Updates are kept beside the zone's file, which stays as it is. */
function configuration(zone: string, key: string): string {
    return `server:
    listen: 0.0.0.0@${port}
    rundir: /tmp
database:
    storage: /tmp
log:
  - target: stdout
    any: info
key:
  - id: ${keyName}
    algorithm: hmac-sha256
    secret: ${key}
acl:
  - id: challenges
    key: ${keyName}
    action: update
    update-type: TXT
zone:
  - domain: ${zone}
    file: ${files}/zone
    zonefile-sync: -1
    acl: challenges
`;
}

function records(hosts: readonly string[], at: string): string {
    const lines = ["@ SOA ns hostmaster 1 3600 600 86400 60", "@ NS ns", `ns A ${address}`];
    return [...lines, ...hosts.map((host) => `${host}. A ${at}`)].map((line) => `${line}\n`).join("");
}

function objects(stringData: Readonly<Record<string, string>>): object[] {
    const ports = ["UDP", "TCP"].map((protocol) => ({ name: protocol.toLowerCase(), protocol, port }));
    return [
        { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
        { apiVersion: "v1", kind: "Secret", metadata, stringData },
        { apiVersion: "v1", kind: "Service", metadata, spec: { selector: labels, ports, externalIPs: [address] } },
        {
            apiVersion: "v1",
            kind: "Pod",
            metadata: { ...metadata, labels },
            spec: {
                securityContext: {
                    sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: String(port) }],
                },
                containers: [
                    {
                        name: metadata.name,
                        image: recipe.images[0]!.reference,
                        imagePullPolicy: "Never",
                        args: ["--config", `${files}/knot.conf`],
                        readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
                        volumeMounts: [{ name: "files", mountPath: files, readOnly: true }],
                    },
                ],
                volumes: [{ name: "files", secret: { secretName: metadata.name } }],
            },
        },
    ];
}
