/** What a pod could do if somebody took it over, tried from inside one: nothing beyond its own process. */
import { expect } from "chai";
import { readFileSync } from "node:fs";
import path from "node:path";
import { createReport } from "../../local/report.ts";
import { ensureTools } from "../../local/tools/index.ts";
import { record } from "../evidence.ts";
import { command, eventually, get, kubectl, type Result, serviceUrl } from "./support/commands.ts";
import { Authority } from "./support/authority.ts";
import { loggedIn, servedSerial, sql } from "./support/databases.ts";
import { Load } from "./support/load.ts";
import { isSoak, namespace, settled, start, upOk } from "./support/tradestream.ts";

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
        // The control: whom nothing refuses them to.
        for (const statement of beyond) await sql(`begin; ${statement}; rollback`);
    });

    describe("of connections to the database", () => {
        const secret = "database-certificate";
        const tls = { "database.tls.enabled": true, "database.tls.secretName": secret };
        const verified = "sslmode=verify-full&sslrootcert=/etc/postgresql-tls/ca.crt";
        const authority = new Authority();
        const sessions = (): Promise<string> =>
            sql(
                "select a.pid, a.usename, s.ssl from pg_stat_activity a join pg_stat_ssl s using (pid) " +
                    "where client_addr <> '127.0.0.1' and usename = 'gateway_api' order by backend_start limit 1",
            );

        before(async () => {
            const metadata = { name: secret, namespace };
            const data = await authority.certificate();
            const { code, stderr } = await create({ apiVersion: "v1", kind: "Secret", metadata, data });
            expect(code, stderr).to.equal(0);
            await upOk(tls);
        });

        after(() => authority.close());

        it("refuses those without TLS, and services refuse a server with another name", async () => {
            expect(await sessions()).to.match(/^\d+\|gateway_api\|t$/);
            for (const key of ["postgres-url", "notification-worker-postgres-url", "database-migration-postgres-url"]) {
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

        it("goes on with a renewed certificate, without a failed request", async () => {
            const [serial, session] = [await servedSerial(), await sessions()];
            const options = { freshPath: "/api/status", keptPath: "/api/status", workers: 2 };
            const load = await Load.start({ ...options, url: await serviceUrl("tradestream-gateway-api") });
            const data = await authority.certificate();
            await kubectl("patch", "secret", secret, "-n", namespace, "-p", JSON.stringify({ data }));
            // The kubelet looks at the volumes of a pod that changes at once, and at others once a minute or so.
            await kubectl("annotate", "pod", "tradestream-postgresql-0", "-n", namespace, "renewed=now", "--overwrite");
            await eventually(120, async () => ((await servedSerial()) === serial ? undefined : true));
            const { requests, failures } = await load.stop();
            expect(requests).to.be.greaterThan(10);
            expect(failures).to.deep.equal([]);
            expect(await sessions()).to.equal(session);
            expect(await loggedIn("postgres-url", "select 1", verified)).to.equal("1");
            record({
                suite,
                name: "failed requests while the database's certificate is renewed",
                value: 0,
                requirement: "0",
            });
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
