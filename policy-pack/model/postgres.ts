/**
 * Connections to PostgreSQL as clients are given them: URLs, and libpq's words and variables.
 * Source: https://www.postgresql.org/docs/current/libpq-connect.html, https://jdbc.postgresql.org/documentation/use/
 */
import { BlockList, isIP } from "node:net";

/** `postgresql://user:password@host1:5432,host2/name?sslmode=require`, also of JDBC and with a driver's name. */
const URLS =
    /\b(?:jdbc:)?postgres(?:ql)?(?:\+\w+)?:\/\/(?:[^/?#\s"']*@)?([^/?#\s"'`<>]*)(?:\/[^?#\s"'`<>]*)?(?:\?([^#\s"'`<>]*))?/gi;

/** `host=db.example.com dbname=shop sslmode=require` */
const WORDS = /\b(host|sslmode)\s*=\s*'?([^\s';&]+)/gi;

/** Ways in which a URL asks for a verified server beside sslmode: drivers of Node.js and JDBC, Prisma, libpq. */
const VERIFIED =
    /(?:^|&)(?:ssl=(?:true|verify-full)|sslaccept=strict|sslrootcert=system|channel_binding=require)(?:&|$)/i;

/** Addresses within a network of somebody's own, which may be those of the cluster. */
const OWN = new BlockList();
for (const [address, prefix] of [
    ["10.0.0.0", 8],
    ["172.16.0.0", 12],
    ["192.168.0.0", 16],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
    ["169.254.0.0", 16],
] as const)
    OWN.addSubnet(address, prefix);

/** Whether a line has a connection to a host outside the cluster by which anybody between may answer in its place. */
export function isUnverified(line: string, namespace: string, modes: readonly string[]): boolean {
    if (!/postgres|sslmode/i.test(line) || /^\s*(#|;|\/\/|--)/.test(line)) return false;
    const urls = [...line.matchAll(URLS)];
    if (urls.length > 0)
        return urls.some(([, hosts = "", query = ""]) => {
            const mode = /(?:^|&)sslmode=([^&]*)/i.exec(query)?.[1] ?? /(?:^|&)ssl=([a-z-]+)/i.exec(query)?.[1];
            const isWeak = mode === undefined || !modes.includes(mode);
            const isOutside = hosts.split(",").some((host) => isOutsideCluster(host.replace(/:\d+$/, ""), namespace));
            return isOutside && isWeak && !VERIFIED.test(query);
        });
    const words = new Map([...line.matchAll(WORDS)].map(([, name = "", value = ""]) => [name.toLowerCase(), value]));
    const [host, mode] = [words.get("host"), words.get("sslmode")];
    return host !== undefined && mode !== undefined && !modes.includes(mode) && isOutsideCluster(host, namespace);
}

/** Whether a name is surely none of a Service or of this machine: a domain of three labels or more, or a public address. */
function isOutsideCluster(host: string, namespace: string): boolean {
    if (isIP(host) === 4) return !OWN.check(host);
    const labels = host.toLowerCase().replace(/\.$/, "").split(".");
    if (labels.length < 3 || !labels.every((label) => /^[a-z0-9_]([-a-z0-9_]*[a-z0-9])?$/.test(label))) return false;
    return !labels.includes("svc") && !["local", "localhost", "test", namespace].includes(labels.at(-1) ?? "");
}
