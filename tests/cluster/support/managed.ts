/** A PostgreSQL and a Redis that are not the stack's: other passwords, TLS only, in a namespace of their own. */
import { nextPostgresql, recipes } from "../../../local/images/catalogue.ts";
import { Authority } from "./authority.ts";
import { eventually, get, kubectl } from "./commands.ts";
import { onCluster } from "./objects.ts";
import { isReady } from "./tradestream.ts";

const namespace = "managed";
const password = "managed-4711";
const files = "/etc/server";

export interface Managed {
    /** Certificate of their authority, as text. */
    readonly authority: string;
    /** Data of a Secret for clients of the database: the authority, and a certificate that the database asks for. */
    readonly client: Readonly<Record<string, string>>;
    /** Their addresses for pods, by name; the Secret is where the program mounts it. */
    readonly forPods: Urls;
    /** And for this machine, with the same files in a directory. */
    forOperator(directory: string): Promise<Urls>;
    /** Runs SQL there, and returns the rows, their columns separated by `|`. */
    sql(statement: string): Promise<string>;
    readonly redis: (...words: string[]) => Promise<string>;
    close(): Promise<void>;
}

type Urls = Readonly<Record<"DATABASE_URL" | "REDIS_URL", string>>;

const hostOf = (server: string): string => `${server}.${namespace}.svc.cluster.local`;
const imageOf = (name: string): string => recipes.find((recipe) => recipe.name === name)!.images[0]!.reference;

export async function startManaged(): Promise<Managed> {
    const authority = new Authority([hostOf("postgresql"), hostOf("redis")]);
    const data = await authority.certificate();
    const client = await authority.certificate("client");
    authority.close();
    const hba = "local all all trust\nhostssl all all all scram-sha-256 clientcert=verify-ca\n";
    const metadata = { name: "server", namespace };
    const servers = {
        postgresql: {
            port: 5432,
            image: nextPostgresql.images[0]!.reference,
            args: [
                "postgres",
                ...["ssl=on", `ssl_cert_file=${files}/tls.crt`, `ssl_key_file=${files}/tls.key`].flatMap(setting),
                ...[`ssl_ca_file=${files}/ca.crt`, `hba_file=${files}/pg_hba.conf`].flatMap(setting),
            ],
            env: { POSTGRES_USER: "app", POSTGRES_PASSWORD: password, POSTGRES_DB: "trade" },
            readinessProbe: ["pg_isready", "--username=app", "--dbname=trade"],
        },
        redis: {
            port: 6379,
            image: imageOf("redis"),
            args: [
                ...["--port", "0", "--tls-port", "6379", "--tls-auth-clients", "no", "--requirepass", password],
                ...["--tls-cert-file", `${files}/tls.crt`, "--tls-key-file", `${files}/tls.key`],
                ...["--tls-ca-cert-file", `${files}/ca.crt`],
            ],
            env: { REDISCLI_AUTH: password },
            readinessProbe: ["redis-cli", "-e", "--tls", "--cacert", `${files}/ca.crt`, "ping"],
        },
    };
    const close = async (): Promise<void> => {
        await kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false");
    };
    await kubectl("delete", "namespace", namespace, "--ignore-not-found");
    await onCluster("create", [
        { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
        { apiVersion: "v1", kind: "Secret", metadata, data: { ...data, "pg_hba.conf": btoa(hba) } },
        ...Object.entries(servers).flatMap(([name, server]) => objects(name, server)),
    ]);
    await eventually(60, async () => ((await get("pods", "-n", namespace)).every(isReady) ? true : undefined));
    const within = async (pod: string, ...words: string[]): Promise<string> =>
        (await kubectl("exec", "-n", namespace, pod, "--", ...words)).trim();
    const urls = (directory: string, redis: string): Urls => {
        const certificates = Object.entries({ sslrootcert: "ca.crt", sslcert: "tls.crt", sslkey: "tls.key" });
        const shown = certificates.map(([parameter, file]) => `${parameter}=${directory}/${file}`).join("&");
        return {
            DATABASE_URL: `postgresql://app:${password}@${hostOf("postgresql")}/trade?sslmode=verify-full&${shown}`,
            REDIS_URL: `rediss://default:${password}@${redis}:6379`,
        };
    };
    const address = async (server: string): Promise<string> =>
        String((await get("service", server, "-n", namespace))[0]!.spec["clusterIP"]);
    return {
        authority: Buffer.from(data["ca.crt"], "base64").toString(),
        client,
        forPods: urls("/etc/database-tls", hostOf("redis")),
        forOperator: async (directory) => {
            const { DATABASE_URL, REDIS_URL } = urls(directory, await address("redis"));
            return { DATABASE_URL: `${DATABASE_URL}&hostaddr=${await address("postgresql")}`, REDIS_URL };
        },
        sql: (statement) =>
            within("postgresql", "psql", "-U", "app", "-d", "trade", "-v", "ON_ERROR_STOP=1", "-Atqc", statement),
        redis: (...words) => within("redis", "redis-cli", "--tls", "--cacert", `${files}/ca.crt`, ...words),
        close,
    };
}

const setting = (text: string): string[] => ["-c", text];

interface Server {
    readonly port: number;
    readonly image: string;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly readinessProbe: readonly string[];
}

function objects(name: string, { port, image, args, env, readinessProbe }: Server): object[] {
    const metadata = { name, namespace, labels: { server: name } };
    return [
        { apiVersion: "v1", kind: "Service", metadata, spec: { selector: { server: name }, ports: [{ port }] } },
        {
            apiVersion: "v1",
            kind: "Pod",
            metadata,
            spec: {
                // PostgreSQL takes a key of root that its group may read.
                securityContext: { fsGroup: 10001 },
                containers: [
                    {
                        name,
                        image,
                        imagePullPolicy: "Never",
                        args,
                        env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
                        readinessProbe: { exec: { command: readinessProbe }, periodSeconds: 1, timeoutSeconds: 5 },
                        volumeMounts: [{ name: "files", mountPath: files, readOnly: true }],
                    },
                ],
                volumes: [{ name: "files", secret: { secretName: "server", defaultMode: 0o440 } }],
            },
        },
    ];
}
