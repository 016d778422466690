/** Who may talk to whom: the intended matrix, the pods and addresses it is about, and what the policies say instead. */
import { spawn } from "node:child_process";
import path from "node:path";
import { text } from "node:stream/consumers";

/** An object of a rendered stack, as far as this looks into it. */
export interface RenderedObject {
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace?: string };
    readonly spec?: Readonly<Record<string, unknown>>;
}

type Labels = Readonly<Record<string, string>>;

interface Peer {
    readonly ip: string;
    readonly pod?: { readonly namespace: string; readonly namespaceLabels: Labels; readonly labels: Labels };
}

interface Connection {
    readonly from: string;
    readonly to: string;
    readonly port: number;
    readonly protocol: "TCP" | "UDP";
}

/**
 * Rows begin connections, columns take them. A number is a TCP port, `dns` is port 53 over UDP and TCP, `-` is nothing.
 * Every other port is refused. `.`: neither end is ours, policies of this namespace have no say.
 *
 * - bare: a pod of the namespace without labels, say of `kubectl run`
 * - solver: a pod that cert-manager starts to answer for a certificate; only stacks with certificates let it be asked
 * - twin: a pod in another namespace with the labels of gateway-api
 * - monitoring, nginx: any pod of the namespaces monitoring and ingress-nginx
 * - meta: the metadata services of clouds (169.254.169.254, 100.100.100.200); priv: addresses of private networks
 */
export const intended = `
              gateway dashboard worker migration postgresql redis bare  solver dns  public priv meta node twin monitoring nginx
gateway       -       -         -      -         5432       6379  -     -      dns  443    -    -    -    -    -          -
dashboard     8000    -         -      -         -          -     -     -      dns  -      -    -    -    -    -          -
worker        -       -         -      -         5432       6379  -     -      dns  443    -    -    -    -    -          -
migration     -       -         -      -         5432       -     -     -      dns  -      -    -    -    -    -          -
postgresql    -       -         -      -         -          -     -     -      -    -      -    -    -    -    -          -
redis         -       -         -      -         -          -     -     -      -    -      -    -    -    -    -          -
bare          -       -         -      -         -          -     -     -      -    -      -    -    -    -    -          -
solver        -       -         -      -         -          -     -     -      -    -      -    -    -    -    -          -
dns           -       -         -      -         -          -     -     -      .    .      .    .    .    .    .          .
public        -       -         -      -         -          -     -     -      .    .      .    .    .    .    .          .
priv          -       -         -      -         -          -     -     -      .    .      .    .    .    .    .          .
meta          -       -         -      -         -          -     -     -      .    .      .    .    .    .    .          .
node          -       -         -      -         -          -     -     -      .    .      .    .    .    .    .          .
twin          -       -         -      -         -          -     -     -      .    .      .    .    .    .    .          .
monitoring    8000    -         -      -         -          -     -     -      .    .      .    .    .    .    .          .
nginx         8000    80        -      -         -          -     -     8089   .    .      .    .    .    .    .          .
`;

/** Ports that something listens on, here or in clusters at large; each is tried on each pair. */
const ports: readonly (readonly [number, "TCP" | "UDP"])[] = [
    ...[22, 53, 80, 443, 2379, 5432, 6379, 6443, 8000, 8080, 8089, 9090, 10250].map((port) => [port, "TCP"] as const),
    ...[53, 443, 8472].map((port) => [port, "UDP"] as const),
];

/** What the policies of a rendered stack decide otherwise than intended, one line for each connection; and how many were judged. */
export async function judge(
    objects: readonly RenderedObject[],
    matrix: string = intendedOf(objects),
): Promise<{ readonly judged: number; readonly faults: readonly string[] }> {
    const peers = peersOf(objects);
    const wanted = parse(matrix);
    const names = [...new Set([...wanted.keys()].map((pair) => pair.split(" ")[0]!))];
    const connections = names.flatMap((from) =>
        names
            .filter((to) => wanted.get(`${from} ${to}`) !== ".")
            .flatMap((to) => ports.map(([port, protocol]): Connection => ({ from, to, port, protocol }))),
    );
    // Each name stands for one or more addresses; every one of them must be treated alike.
    const asked = connections.flatMap((connection) =>
        peers
            .get(connection.from)!
            .flatMap((from) => peers.get(connection.to)!.map((to) => ({ connection, from, to }))),
    );
    const verdicts = await evaluate({
        policies: objects.filter(({ kind }) => kind === "NetworkPolicy"),
        connections: asked.map(({ connection: { port, protocol }, from, to }) => ({ from, to, port, protocol })),
    });
    const faults = asked.flatMap(({ connection, from, to }, index) => {
        const { egress, ingress } = verdicts[index]!;
        const isAllowed = egress && ingress;
        if (isAllowed === isIntended(wanted, connection)) return [];
        const { port, protocol } = connection;
        const ends = `${connection.from} (${from.ip}) to ${connection.to} (${to.ip}), ${protocol} ${port}`;
        const sides = isAllowed
            ? ""
            : ` by the ${egress ? "receiving" : ingress ? "sending" : "sending and the receiving"} side`;
        return [`${ends}: ${isAllowed ? "allowed" : "refused"}${sides}`];
    });
    return { judged: asked.length, faults };
}

/** Where nothing asks for certificates, nobody answers for them. */
function intendedOf(objects: readonly RenderedObject[]): string {
    const hasCertificates = objects.some(({ kind, spec }) => kind === "Ingress" && spec?.["tls"] !== undefined);
    return hasCertificates ? intended : intended.replace("8089", "-   ");
}

function parse(matrix: string): ReadonlyMap<string, string> {
    const [head, ...rows] = matrix.trim().split("\n");
    const columns = head!.trim().split(/\s+/);
    return new Map(
        rows.flatMap((row) => {
            const [from, ...cells] = row.trim().split(/\s+/);
            return cells.map((cell, index) => [`${from} ${columns[index]}`, cell] as const);
        }),
    );
}

function isIntended(wanted: ReadonlyMap<string, string>, { from, to, port, protocol }: Connection): boolean {
    const cell = wanted.get(`${from} ${to}`);
    return cell === "dns" ? port === 53 : protocol === "TCP" && cell === String(port);
}

/** The labels come from the rendered pod templates, so that a selector that misses them is found out. */
function peersOf(objects: readonly RenderedObject[]): ReadonlyMap<string, readonly Peer[]> {
    const own = objects.find(({ kind }) => kind === "Namespace")!.metadata.name;
    const inNamespace = (namespace: string, ip: string, labels: Labels): Peer => ({
        ip,
        pod: { namespace, namespaceLabels: { "kubernetes.io/metadata.name": namespace }, labels },
    });
    const gateway = templateLabels(objects, "Deployment", "gateway-api");
    return new Map<string, readonly Peer[]>([
        ["gateway", [inNamespace(own, "10.1.0.11", gateway)]],
        ["dashboard", [inNamespace(own, "10.1.0.12", templateLabels(objects, "Deployment", "agent-dashboard"))]],
        ["worker", [inNamespace(own, "10.1.0.13", templateLabels(objects, "CronJob", "notification-worker"))]],
        ["migration", [inNamespace(own, "10.1.0.14", templateLabels(objects, "Job", "database-migration"))]],
        ["postgresql", [inNamespace(own, "10.1.0.15", templateLabels(objects, "StatefulSet", "postgresql"))]],
        ["redis", [inNamespace(own, "10.1.0.16", templateLabels(objects, "StatefulSet", "redis"))]],
        ["bare", [inNamespace(own, "10.1.0.17", {})]],
        ["solver", [inNamespace(own, "10.1.0.18", { "acme.cert-manager.io/http01-solver": "true" })]],
        ["dns", [inNamespace("kube-system", "10.1.1.1", { "k8s-app": "kube-dns" }), { ip: "169.254.20.10" }]],
        ["public", [{ ip: "203.0.113.7" }, { ip: "2001:db8::7" }]],
        ["priv", ["10.9.8.7", "172.16.0.1", "172.31.255.254", "192.168.1.1", "fd12:3456::1"].map((ip) => ({ ip }))],
        ["meta", ["169.254.169.254", "100.100.100.200", "fd00:ec2::254", "fe80::a9fe:a9fe"].map((ip) => ({ ip }))],
        ["node", [{ ip: "10.0.0.2" }]],
        ["twin", [inNamespace("elsewhere", "10.1.2.1", gateway)]],
        ["monitoring", [inNamespace("monitoring", "10.1.3.1", { "app.kubernetes.io/name": "prometheus" })]],
        ["nginx", [inNamespace("ingress-nginx", "10.1.4.1", { "app.kubernetes.io/name": "ingress-nginx" })]],
    ]);
}

function templateLabels(objects: readonly RenderedObject[], kind: string, part: string): Labels {
    const found = objects.find((object) => object.kind === kind && object.metadata.name.includes(part));
    interface Template {
        readonly template: { readonly metadata: { readonly labels: Labels } };
    }
    const spec = found!.spec as unknown as Template & { readonly jobTemplate?: { readonly spec: Template } };
    return (spec.jobTemplate?.spec ?? spec).template.metadata.labels;
}

/** Asks cyclonus, which knows nothing of this repository; see `evaluator/`. */
async function evaluate(
    question: unknown,
): Promise<readonly { readonly egress: boolean; readonly ingress: boolean }[]> {
    const child = spawn("go", ["run", "."], {
        cwd: path.join(import.meta.dirname, "evaluator"),
        env: { ...process.env, GOFLAGS: "-mod=readonly -buildvcs=false", GOWORK: "off", CGO_ENABLED: "0" },
        stdio: ["pipe", "pipe", "pipe"],
    });
    child.stdin.end(JSON.stringify(question));
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    if (output === "") throw new Error(`the evaluator failed (it needs Go):\n${errors}`);
    return JSON.parse(output) as { egress: boolean; ingress: boolean }[];
}
