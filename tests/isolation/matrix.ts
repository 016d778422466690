/** Who may talk to whom: the intended matrix, and the connections that it decides about. */

/** A connection between two peers of the matrix. */
export interface Connection {
    readonly from: string;
    readonly to: string;
    readonly port: number;
    readonly protocol: "TCP" | "UDP";
}

/** A connection with its ends, and whether it should get through. */
export interface Question<End> {
    readonly connection: Connection;
    readonly from: End;
    readonly to: End;
    readonly isIntended: boolean;
}

/**
 * Rows begin connections, columns take them. A number is a TCP port, `dns` is port 53 over UDP and TCP, `-` is nothing.
 * Every other port is refused. `.`: neither end is ours, policies of this namespace have no say.
 *
 * - smoke, backup: pods of the smoke test and of the backups' Jobs; PostgreSQL itself archives for the backups
 * - bare: a pod of the namespace without labels, say of `kubectl run`
 * - solver: a pod that cert-manager starts to answer for a certificate; only stacks with certificates let it be asked
 * - twin: a pod in another namespace with the labels of gateway-api
 * - monitoring, nginx: any pod of the namespaces monitoring and ingress-nginx
 * - meta: the metadata services of clouds (169.254.169.254, 100.100.100.200); priv: addresses of private networks
 */
const complete = `
              gateway dashboard worker migration postgresql redis smoke  backup  bare  solver dns  public priv meta node twin monitoring nginx
gateway       -       -         -      -         5432       6379  -      -       -     -      dns  443    -    -    -    -    -          -
dashboard     8000    -         -      -         -          -     -      -       -     -      dns  -      -    -    -    -    -          -
worker        -       -         -      -         5432       6379  -      -       -     -      dns  443    -    -    -    -    -          -
migration     -       -         -      -         5432       -     -      -       -     -      dns  -      -    -    -    -    -          -
postgresql    -       -         -      -         -          -     -      -       -     -      dns  443    -    -    -    -    -          -
redis         -       -         -      -         -          -     -      -       -     -      -    -      -    -    -    -    -          -
smoke         8000    80        -      -         -          -     -      -       -     -      dns  -      -    -    -    -    -          -
backup        -       -         -      -         5432       -     -      -       -     -      dns  443    -    -    -    -    -          -
bare          -       -         -      -         -          -     -      -       -     -      -    -      -    -    -    -    -          -
solver        -       -         -      -         -          -     -      -       -     -      -    -      -    -    -    -    -          -
dns           -       -         -      -         -          -     -      -       -     -      .    .      .    .    .    .    .          .
public        -       -         -      -         -          -     -      -       -     -      .    .      .    .    .    .    .          .
priv          -       -         -      -         -          -     -      -       -     -      .    .      .    .    .    .    .          .
meta          -       -         -      -         -          -     -      -       -     -      .    .      .    .    .    .    .          .
node          -       -         -      -         -          -     -      -       -     -      .    .      .    .    .    .    .          .
twin          -       -         -      -         -          -     -      -       -     -      .    .      .    .    .    .    .          .
monitoring    8000    -         -      -         -          -     -      -       -     -      .    .      .    .    .    .    .          .
nginx         8000    80        -      -         -          -     -      -       -     8089   .    .      .    .    .    .    .          .
`;

/** What of the matrix only some stacks have. */
export interface Features {
    /** Certificates that are asked for by HTTP-01. */
    readonly certificates: boolean;
    readonly smokeTest: boolean;
    readonly backups: boolean;
}

/** The matrix of a stack: what serves an absent feature may not connect to anything. */
export function intendedOf({ certificates, smokeTest, backups }: Features): string {
    const idle = [...(smokeTest ? [] : ["smoke"]), ...(backups ? [] : ["backup", "postgresql"])];
    const matrix = certificates ? complete : complete.replace("8089", "-   ");
    return idle.reduce(
        (rows, name) => rows.replace(new RegExp(`^${name} .*`, "m"), (row) => row.replaceAll(/ (\d+|dns)\b/g, " -")),
        matrix,
    );
}

/** Ports that something listens on, here or in clusters at large; each is tried on each pair. */
const ports: readonly (readonly [number, "TCP" | "UDP"])[] = [
    ...[22, 53, 80, 443, 2379, 5432, 6379, 6443, 8000, 8080, 8089, 9090, 10250].map((port) => [port, "TCP"] as const),
    ...[53, 443, 8472].map((port) => [port, "UDP"] as const),
];

/** Addresses that peers of the matrix stand for and that belong to no pod. */
export const outside = {
    // NodeLocal DNSCache, where a cluster has it.
    dns: ["169.254.20.10"],
    public: ["203.0.113.7", "2001:db8::7"],
    priv: ["10.9.8.7", "172.16.0.1", "172.31.255.254", "192.168.1.1", "fd12:3456::1"],
    meta: ["169.254.169.254", "100.100.100.200", "fd00:ec2::254", "fe80::a9fe:a9fe"],
    node: ["10.0.0.2"],
} as const;

/** Every connection that the policies have a say in. A name stands for one or more ends; all must be treated alike. */
export function questions<End>(matrix: string, peers: ReadonlyMap<string, readonly End[]>): readonly Question<End>[] {
    const wanted = parse(matrix);
    const names = [...new Set([...wanted.keys()].map((pair) => pair.split(" ")[0]!))];
    const connections = names.flatMap((from) =>
        names
            .filter((to) => wanted.get(`${from} ${to}`) !== ".")
            .flatMap((to) => ports.map(([port, protocol]): Connection => ({ from, to, port, protocol }))),
    );
    return connections.flatMap((connection) =>
        peers.get(connection.from)!.flatMap((from) =>
            peers.get(connection.to)!.map((to) => ({
                ...{ connection, from, to },
                isIntended: isAllowed(wanted.get(`${connection.from} ${connection.to}`)!, connection),
            })),
        ),
    );
}

/** Whether the matrix lets a connection pass. */
export function isIntended(matrix: string, connection: Connection): boolean {
    return isAllowed(parse(matrix).get(`${connection.from} ${connection.to}`)!, connection);
}

/** One line about a connection, for instance "bare (10.1.0.17) to public (203.0.113.7), TCP 443". */
export function nameOf({ connection, from, to }: Question<{ readonly ip: string }>): string {
    const { port, protocol } = connection;
    return `${connection.from} (${from.ip}) to ${connection.to} (${to.ip}), ${protocol} ${port}`;
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

function isAllowed(cell: string, { port, protocol }: Connection): boolean {
    return cell === "dns" ? port === 53 : protocol === "TCP" && cell === String(port);
}
