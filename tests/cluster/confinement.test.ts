/** What a pod could do if somebody took it over, tried from inside one: nothing beyond its own process. */
import { expect } from "chai";
import { readFileSync } from "node:fs";
import path from "node:path";
import { createReport } from "../../local/report.ts";
import { ensureTools } from "../../local/tools/index.ts";
import { record } from "../evidence.ts";
import { command, eventually, get, kubectl, type Result, serviceUrl } from "./support/commands.ts";
import { Authority } from "./support/authority.ts";
import { exporting, loadExporters } from "./support/exporters.ts";
import { certified, loggedIn, servedSerial, session, showsAnother, sql } from "./support/databases.ts";
import { Load } from "./support/load.ts";
import { isSoak, namespace, podsOf, refresh, settled, start, upOk } from "./support/tradestream.ts";

const suite = "Confinement";
const outside = "confinement-control";
/** The one image with a shell, perl and openssl. */
const image = "debian.tradestream.local/postgresql:15";
const script = readFileSync(path.join(import.meta.dirname, "support/attempts.sh"), "utf8");
/** Counted, so that a script that ends early is noticed. */
const attempts = 11;

interface Volume {
    readonly name: string;
    readonly emptyDir?: object;
}

interface PodSpec {
    readonly securityContext: object;
    readonly serviceAccountName?: string;
    readonly automountServiceAccountToken?: boolean;
    readonly enableServiceLinks?: boolean;
    readonly volumes?: readonly Volume[];
    readonly containers: readonly {
        readonly securityContext: object;
        readonly volumeMounts?: readonly { readonly name: string }[];
    }[];
}

/** A pod confined like another, which runs the attempts instead. */
function intruder(name: string, into: string, like: PodSpec): object {
    const volumes = (like.volumes ?? []).filter(({ emptyDir }) => emptyDir !== undefined);
    const names = new Set(volumes.map((volume) => volume.name));
    const [container] = like.containers;
    const { serviceAccountName, automountServiceAccountToken, securityContext } = like;
    return {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace: into },
        spec: {
            securityContext,
            ...(serviceAccountName !== undefined && { serviceAccountName }),
            ...(automountServiceAccountToken !== undefined && { automountServiceAccountToken }),
            restartPolicy: "Never",
            volumes,
            containers: [
                {
                    name: "attempts",
                    image,
                    command: ["sh", "-c", script, "attempts", into],
                    securityContext: container!.securityContext,
                    volumeMounts: (container!.volumeMounts ?? []).filter((mount) => names.has(mount.name)),
                },
            ],
        },
    };
}

const privileged: PodSpec = {
    securityContext: { runAsUser: 0 },
    containers: [{ securityContext: { privileged: true } }],
};

async function create(object: object): Promise<Result> {
    const tools = await ensureTools(["kubectl"], createReport());
    return command(tools.kubectl, ["create", "-f", "-"], { input: JSON.stringify(object) });
}

/** Runs a pod to its end; resolves with the outcome of each attempt. */
async function outcomes(name: string, into: string): Promise<Readonly<Record<string, string>>> {
    await eventually(120, async () => {
        const [pod] = await get("pod", name, "-n", into);
        return ["Succeeded", "Failed"].includes(String(pod!.status["phase"])) || undefined;
    });
    const log = await kubectl("logs", name, "-n", into);
    return Object.fromEntries(
        log
            .trim()
            .split("\n")
            .map((line) => line.split(": ") as [string, string]),
    );
}

const removeOutside = (): Promise<string> =>
    kubectl("delete", "namespace", outside, "--ignore-not-found", "--wait=true");

describe("confinement", function () {
    this.timeout(400_000);
    const workloads = [
        "gateway-api",
        "agent-dashboard",
        "notification-worker",
        "database-migration",
        "postgresql",
        "redis",
    ];

    before(async () => {
        await start();
        await removeOutside();
        await kubectl("create", "namespace", outside);
        const reader = ["view-secrets", "-n", outside];
        await kubectl("create", "role", ...reader, "--verb=list", "--resource=secrets");
        await kubectl("create", "rolebinding", ...reader, "--role=view-secrets", `--serviceaccount=${outside}:default`);
    });

    after(removeOutside);

    async function specOf(workload: string): Promise<PodSpec> {
        const isData = workload === "postgresql" || workload === "redis";
        const label = isData ? `app.kubernetes.io/name=${workload}` : `app.kubernetes.io/component=${workload}`;
        const [owner] = await get("deployments,statefulsets,cronjobs,jobs", "-n", namespace, "-l", label);
        const spec = owner!.spec as { jobTemplate?: { spec: { template: object } }; template: object };
        const template = (spec.jobTemplate?.spec.template ?? spec.template) as { spec: PodSpec };
        return template.spec;
    }

    for (const workload of workloads) {
        it(`of ${workload} refuses every attempt from inside`, async () => {
            const name = `intruder-${workload}`;
            const result = await create(intruder(name, namespace, await specOf(workload)));
            expect(result.code, result.stderr).to.equal(0);
            const found = await outcomes(name, namespace);
            expect(Object.values(found)).to.have.length(attempts);
            expect(Object.entries(found).filter(([, outcome]) => outcome !== "refused")).to.deep.equal([]);
            record({ suite, name: `attempts refused inside ${workload}`, value: attempts, requirement: `${attempts}` });
        });
    }

    if (isSoak) {
        it("takes the database over from the superuser, with its rows", async () => {
            await upOk({ "database.roles.enabled": false });
            await sql("reassign owned by database_migration to postgres");
            for (const role of ["gateway_api", "notification_worker", "database_migration"])
                await sql(`drop owned by ${role}`);
            const rows = "select count(*), sum(hashtext(s::text)) from signals s";
            const before = await sql(rows);
            // The control: without roles a service is the superuser.
            expect(
                await loggedIn("postgres-url", "select rolsuper from pg_roles where rolname = current_user"),
            ).to.equal("t");
            await upOk();
            expect(await sql(rows)).to.equal(before);
            expect(await sql("select distinct tableowner from pg_tables where schemaname = 'public'")).to.equal(
                "database_migration",
            );
        });
    }

    it("of the database lets services read and write rows, and nothing else", async () => {
        await settled("gateway-api"); // Pods of the release before are the superuser until they have gone.
        const sessions = await sql("select distinct usename from pg_stat_activity where client_addr <> '127.0.0.1'");
        expect(sessions.split("\n")).to.include("gateway_api").and.not.include("postgres");
        const write =
            "begin; insert into signals (symbol, action, score) values ('X', 'buy', 1); delete from signals; rollback";
        const beyond = [
            "drop table signals",
            "truncate signals",
            "create table mine (id int)",
            "alter role gateway_api superuser",
            "select * from pg_authid",
            "copy signals to program 'cat >/dev/null'",
        ];
        for (const key of ["postgres-url", "notification-worker-postgres-url"]) {
            await loggedIn(key, write);
            for (const statement of beyond) {
                const outcome = await loggedIn(key, `begin; ${statement}; rollback`).catch(String);
                expect(outcome, `${key}: ${statement}`).to.match(/must be (owner|superuser)|permission denied/);
            }
        }
        // The control: a client that may use them.
        for (const statement of beyond) await sql(`begin; ${statement}; rollback`);
    });

    describe("of connections to the database", () => {
        const server = "database-certificate";
        const tls = {
            "database.tls.enabled": true,
            "database.tls.secretName": server,
            "database.tls.clientCertificates": "required",
            "monitoring.enabled": true,
            "monitoring.form": "configMap",
            ...exporting("postgres"),
        };
        const offered = { ...tls, "database.tls.clientCertificates": "offered" };
        const verified = "sslmode=verify-full&sslrootcert=/etc/postgresql-tls/ca.crt";
        const clientOf = (name: string): string => `tradestream-database-client-${name}`;
        const clients = {
            "postgres-url": clientOf("gateway-api"),
            "notification-worker-postgres-url": clientOf("notification-worker"),
            "database-migration-postgres-url": clientOf("database-migration"),
            "postgres-exporter-postgres-url": clientOf("postgres-exporter"),
        };
        const roles = ["gateway_api", "notification_worker", "database_migration", "postgres_exporter", "postgres"];
        const [authority, stranger] = [new Authority(), new Authority()];
        const ofExporter = ["-l", "app.kubernetes.io/component=postgres-exporter"] as const;

        /** Of each Secret, another key and certificate. */
        async function certificates(): Promise<readonly (readonly [string, object])[]> {
            const names = roles.map((role) => [clientOf(role.replace("_", "-")), role] as const);
            return [
                [server, await authority.certificate()],
                ...(await Promise.all(
                    names.map(async ([name, role]) => [name, await authority.certificate(role)] as const),
                )),
            ];
        }

        const oldest = (): Promise<string> => session("pid, usename, ssl, client_dn");

        async function load(): Promise<Load> {
            const options = { freshPath: "/api/status", keptPath: "/api/status", workers: 2 };
            return Load.start({ ...options, url: await serviceUrl("tradestream-gateway-api") });
        }

        async function noneFailed(ended: Load): Promise<void> {
            const { requests, failures } = await ended.stop();
            expect(requests).to.be.greaterThan(10);
            expect(failures).to.deep.equal([]);
        }

        /** Ends the exporter's sessions, and says whether it has metrics of the server. */
        async function exporterLogsIn(): Promise<boolean> {
            await sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres_exporter'");
            const [pod] = await podsOf("postgres-exporter");
            const metrics = await fetch(`http://${String(pod!.status["podIP"])}:9187/metrics`);
            return (await metrics.text()).includes("\npg_up 1\n");
        }

        before(async () => {
            await loadExporters();
            for (const [name, data] of await certificates()) {
                const metadata = { name, namespace };
                const { code, stderr } = await create({ apiVersion: "v1", kind: "Secret", metadata, data });
                expect(code, stderr).to.equal(0);
            }
            await upOk(offered);
        });

        after(() => [authority, stranger].forEach((each) => each.close()));

        it("refuses those without TLS, and services refuse a server with another name", async () => {
            expect(await oldest()).to.match(/^\d+\|gateway_api\|t\|\/CN=gateway_api$/);
            for (const key of Object.keys(clients)) {
                // The control of what follows: a password alone is enough as long as certificates are offered.
                expect(
                    await loggedIn(key, "select ssl from pg_stat_ssl where pid = pg_backend_pid()", verified),
                ).to.equal("t");
                const plain = await loggedIn(key, "select 1", "sslmode=disable").catch(String);
                expect(plain).to.contain("no encryption");
            }
            const other = `${verified}&host=tradestream-postgresql-hl`;
            expect(await loggedIn("postgres-url", "select 1", other).catch(String)).to.contain(
                "does not match host name",
            );
        });

        it("begins to ask for certificates of clients without a restart and without a failed request", async () => {
            const [busy, before] = [await load(), await oldest()];
            await upOk(tls);
            await refresh("tradestream-postgresql-0");
            await eventually(120, async () =>
                /valid client certificate/.test(await loggedIn("postgres-url", "select 1", verified).catch(String))
                    ? true
                    : undefined,
            );
            await noneFailed(busy);
            expect(await oldest()).to.equal(before);
        });

        it("lets a role in with its certificate and its password, and with neither alone", async () => {
            const shown = new Map<string, string>();
            for (const [key, secret] of Object.entries(clients)) shown.set(key, await certified(secret));
            const who = "select current_user, client_dn from pg_stat_ssl where pid = pg_backend_pid()";
            for (const [key, parameters] of shown) {
                expect(await loggedIn(key, who, parameters)).to.match(/^(\w+)\|\/CN=\1$/);
                const alone = await loggedIn(key, who, verified).catch(String);
                expect(alone, key).to.contain("connection requires a valid client certificate");
                const [, ofAnother] = [...shown].find(([other]) => other !== key)!;
                // With the right password: PostgreSQL tells the reason to its log alone.
                const another = await loggedIn(key, who, ofAnother).catch(String);
                expect(another, key).to.contain("password authentication failed");
                const wrong = await loggedIn(key, who, `${parameters}&password=wrong`).catch(String);
                expect(wrong, key).to.contain("password authentication failed");
            }
        });

        it("lets the exporter in with the certificate of its role, and not with one of another authority", async () => {
            await eventually(60, async () => (await exporterLogsIn()) || undefined);
            const how = "select ssl, client_dn from pg_stat_activity join pg_stat_ssl using (pid)";
            expect(await sql(`${how} where usename = 'postgres_exporter'`)).to.match(
                /^(t\|\/CN=postgres_exporter\s*)+$/,
            );
            const data = await stranger.certificate("postgres_exporter");
            const secret = clients["postgres-exporter-postgres-url"];
            await kubectl("patch", "secret", secret, "-n", namespace, "-p", JSON.stringify({ data }));
            await refresh(...ofExporter);
            await eventually(60, async () => {
                const isIn = await exporterLogsIn();
                const said = await kubectl("logs", "-n", namespace, ...ofExporter);
                return (!isIn && said.includes("x509: certificate signed by unknown authority")) || undefined;
            });
        });

        it("goes on with renewed certificates, without a failed request", async () => {
            const [serial, before] = [await servedSerial(), await oldest()];
            const shown = await session("client_serial");
            const busy = await load();
            for (const [name, data] of await certificates())
                await kubectl("patch", "secret", name, "-n", namespace, "-p", JSON.stringify({ data }));
            await refresh("tradestream-postgresql-0");
            await refresh("-l", "app.kubernetes.io/component=gateway-api");
            await eventually(120, async () => ((await servedSerial()) === serial ? undefined : true));
            await noneFailed(busy);
            expect(await oldest()).to.equal(before);
            const parameters = await certified(clients["postgres-url"]);
            expect(await loggedIn("postgres-url", "select 1", parameters)).to.equal("1");
            await refresh(...ofExporter);
            await eventually(60, async () => (await exporterLogsIn()) || undefined);
            record({
                suite,
                name: "failed requests while the database's certificates are renewed, the server's and the roles'",
                value: 0,
                requirement: "0",
            });
            const url = await serviceUrl("tradestream-gateway-api");
            await showsAnother(shown, () => fetch(`${url}/api/status`));
        });
    });

    it("keeps privileged pods out of the namespace", async () => {
        const result = await create(intruder("intruder-privileged", namespace, privileged));
        expect(result.code).not.to.equal(0);
        expect(result.stderr).to.contain('violates PodSecurity "restricted');
    });

    it("control: a privileged pod elsewhere succeeds with all of them", async () => {
        const result = await create(intruder("control", outside, privileged));
        expect(result.code, result.stderr).to.equal(0);
        const found = await outcomes("control", outside);
        expect(Object.entries(found).filter(([, outcome]) => outcome !== "done")).to.deep.equal([]);
        expect(Object.values(found)).to.have.length(attempts);
        record({ suite, name: "control, a privileged pod outside: attempts that succeed", value: attempts });
    });
});
