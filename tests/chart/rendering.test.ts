/** What the chart makes of its values, from everything switched off to everything switched on. */
import { expect } from "chai";
import {
    buildTimeout,
    find,
    helmBinary,
    lint,
    minimal,
    nameOf,
    password,
    refusal,
    render,
    statefulSets,
} from "./helm.ts";
import type { Manifest, Values } from "./helm.ts";
import { everything } from "./scenarios.ts";

const redisPassword = 'p w"x\\y$(HOME)';

/** The part of the StatefulSet that these tests look at. */
async function podOf(set: string, values: Values) {
    const { spec } = find(await render(values), "StatefulSet", set);
    const pod = spec?.template.spec;
    const container = pod?.containers[0];
    if (!spec || !pod || !container) throw new Error(`${set} has no pod`);
    return { spec, template: spec.template, pod, container };
}

const postgresql = (values: Values = minimal) => podOf("tradestream-postgresql", values);
const redis = (values: Values = minimal) => podOf("tradestream-redis-master", values);
const withPrimary = (primary: Values) => ({ postgresql: { ...minimal.postgresql, primary } });

describe("what the chart renders", () => {
    before(async function () {
        this.timeout(buildTimeout);
        await helmBinary();
    });

    for (const [title, values] of [
        ["as it comes", minimal],
        ["with everything", everything],
        ["with nothing", { postgresql: { enabled: false }, redis: { enabled: false } }],
    ] as const) {
        it(`lints clean ${title}`, async () => {
            const { ok, stdout, stderr } = await lint(values);
            expect(ok, stdout + stderr).to.equal(true);
            expect(stdout).not.to.match(/\[(WARNING|ERROR)\]/);
        });
    }

    it("keeps names text that YAML reads as a number or a boolean", async () => {
        const names = { storageClass: "1e3", size: "8Gi" };
        const image = { pullSecrets: ["101"] };
        const manifests = await render(
            {
                postgresql: { ...minimal.postgresql, image, primary: { persistence: names, priorityClassName: "yes" } },
            },
            "0101",
            "101",
        );
        for (const { metadata } of manifests) {
            expect(metadata?.namespace, nameOf({ metadata } as Manifest)).to.equal("101");
            expect(metadata?.labels?.["app.kubernetes.io/instance"]).to.equal("0101");
        }
        const { spec } = find(manifests, "StatefulSet", "0101-postgresql");
        expect(spec?.template.spec?.priorityClassName).to.equal("yes");
        expect(spec?.template.spec?.imagePullSecrets).to.deep.equal([{ name: "101" }]);
        expect(spec?.volumeClaimTemplates?.[0]?.spec?.storageClassName).to.equal("1e3");
    });

    it("renders nothing when both are switched off", async () => {
        expect(await render({ postgresql: { enabled: false }, redis: { enabled: false } })).to.deep.equal([]);
    });

    for (const [left, values] of [
        ["redis", { postgresql: { enabled: false } }],
        ["postgresql", { ...minimal, redis: { enabled: false } }],
    ] as const) {
        it(`renders only ${left} when the other is switched off`, async () => {
            const names = (await render(values)).map(nameOf);
            expect(names).to.have.lengthOf(5);
            for (const name of names) expect(name).to.contain(left);
        });
    }

    describe("PostgreSQL", () => {
        it("demands a password, and names the value", async () => {
            expect(await refusal({})).to.contain("postgresql.auth.postgresPassword is missing");
        });

        it("uses a Secret made elsewhere, and then makes none", async () => {
            const auth = { existingSecret: "vault-made", secretKeys: { adminPasswordKey: "pw" } };
            const manifests = await render({ postgresql: { auth } });
            expect(manifests.filter(({ kind }) => kind === "Secret")).to.deep.equal([]);
            const { container } = await postgresql({ postgresql: { auth } });
            const variable = container.env?.find(({ name }) => name === "POSTGRES_PASSWORD");
            expect(variable?.valueFrom?.secretKeyRef).to.deep.equal({ name: "vault-made", key: "pw" });
        });

        it("keeps its files below the volume, and writes nowhere else but to emptyDirs with a limit", async () => {
            const { container, pod } = await postgresql();
            const directoryOf = ({ env = [] }: typeof container) => env.find(({ name }) => name === "PGDATA")?.value;
            expect(directoryOf(container)).to.equal("/var/lib/postgresql/data/pgdata");
            const elsewhere = { postgresql: { ...minimal.postgresql, primary: { dataDirectory: "pgdata-17" } } };
            expect(directoryOf((await postgresql(elsewhere)).container)).to.equal("/var/lib/postgresql/data/pgdata-17");
            const mounts = Object.fromEntries(container.volumeMounts?.map((each) => [each.mountPath, each.name]) ?? []);
            expect(mounts).to.deep.equal({
                "/var/lib/postgresql/data": "data",
                "/var/run/postgresql": "socket",
                "/tmp": "tmp",
                "/dev/shm": "shared-memory",
            });
            for (const volume of pod.volumes ?? []) expect(volume.emptyDir?.sizeLimit, volume.name).to.be.a("string");
        });

        it("passes settings as arguments, numbers in full", async () => {
            const settings = { shared_buffers: "256MB", work_mem: 1048576000, jit: false, application_name: "a b" };
            const { container } = await postgresql(withPrimary({ maxConnections: 250, settings }));
            expect(container.args).to.deep.equal([
                ...["postgres", "-c", "max_connections=250", "-c", "restart_after_crash=off"],
                ...["-c", "application_name=a b", "-c", "jit=false"],
                ...["-c", "shared_buffers=256MB", "-c", "work_mem=1048576000"],
            ]);
        });

        it("archives its log with pgBackRest where it is backed up, and only there", async () => {
            const backup = { enabled: true, existingConfigMap: "config", existingSecret: "keys" };
            const archiving = async (values: Values) =>
                (await postgresql({ postgresql: { ...minimal.postgresql, ...values } })).container;
            const { args, env, volumeMounts } = await archiving({ backup });
            expect(args).to.include.members([
                "archive_mode=on",
                "archive_command=pgbackrest archive-push %p",
                "archive_timeout=60",
                // A server that recovers must not look ready.
                "hot_standby=off",
            ]);
            expect(env).to.deep.include({ name: "PGBACKREST_STANZA", value: "tradestream" });
            const paths = volumeMounts?.map(({ mountPath }) => mountPath);
            expect(paths).to.include("/etc/pgbackrest").and.not.include("/var/lib/pgbackrest");
            const volume = await archiving({ backup: { ...backup, existingClaim: "repository" } });
            expect(volume.volumeMounts?.map(({ mountPath }) => mountPath)).to.include("/var/lib/pgbackrest");
            const without = await archiving({});
            expect(JSON.stringify(without)).to.not.match(/archive|pgbackrest|hot_standby/i);
        });

        it("asks for certificates of clients where that is configured, and only then", async () => {
            const forms = { required: " clientcert=verify-full", offered: "", none: "" };
            for (const [clientCertificates, condition] of Object.entries(forms)) {
                const tls = { enabled: true, existingSecret: "certificate", clientCertificates };
                const values = { postgresql: { ...minimal.postgresql, tls } };
                const { data } = find(await render(values), "ConfigMap", "tradestream-postgresql-configuration");
                const rules = data?.["pg_hba.conf"]?.split("\n").filter((line) => line.startsWith("hostssl"));
                expect(rules).to.deep.equal([`hostssl all all all          scram-sha-256${condition}`]);
                const { container } = await postgresql(values);
                const authority = container.args?.filter((argument) => argument.startsWith("ssl_ca_file="));
                const file = "ssl_ca_file=/etc/postgresql-tls/ca.crt";
                expect(authority).to.deep.equal(clientCertificates === "none" ? [] : [file]);
            }
        });

        it("is alive while it rejects connections, ready only when it accepts them, both over TCP", async () => {
            const { container } = await postgresql();
            const ready = container.readinessProbe?.exec?.command;
            const isReady = "pg_isready --quiet --host=127.0.0.1 --port=5432 --username=postgres";
            expect(ready).to.deep.equal(isReady.split(" "));
            expect(container.startupProbe?.exec?.command).to.deep.equal(ready);
            const [shell, option, alive] = container.livenessProbe?.exec?.command ?? [];
            expect([shell, option, alive]).to.deep.equal(["/bin/sh", "-c", `${isReady}; test $? -lt 2`]);
        });

        it("gives the first start and a recovery twenty minutes", async () => {
            const { periodSeconds, failureThreshold } = (await postgresql()).container.startupProbe ?? {};
            expect((periodSeconds ?? 0) * (failureThreshold ?? 0)).to.equal(20 * 60);
        });

        it("stops fast and clean", async () => {
            const { container, pod } = await postgresql();
            expect(container.lifecycle?.preStop?.exec?.command?.at(-1)).to.contain("kill -INT");
            expect(pod.terminationGracePeriodSeconds).to.equal(120);
        });

        it("does not tell the password to anybody by a checksum", async () => {
            const other = await postgresql({ postgresql: { auth: { postgresPassword: "another" } } });
            expect(other.template).to.deep.equal((await postgresql()).template);
            expect(other.template.metadata?.annotations).to.equal(undefined);
        });
    });

    describe("Redis", () => {
        const auth = { enabled: true, password: redisPassword };

        it("has no password by default, and no variable for one", async () => {
            const { container } = await redis();
            expect(container.env).to.equal(undefined);
            expect(container.command).to.deep.equal(["redis-server", "/etc/redis/redis.conf"]);
        });

        it("takes the password from its Secret, for the server and for the probes", async () => {
            const values = { ...minimal, redis: { auth } };
            const secret = find(await render(values), "Secret", "tradestream-redis");
            expect(Buffer.from(secret.data?.["redis-password"] ?? "", "base64").toString()).to.equal(redisPassword);
            const { container } = await redis(values);
            const secretKeyRef = { name: "tradestream-redis", key: "redis-password" };
            expect(container.env).to.deep.equal(
                ["REDIS_PASSWORD", "REDISCLI_AUTH"].map((name) => ({ name, valueFrom: { secretKeyRef } })),
            );
            expect(container.command?.slice(2).join(" ")).to.equal(
                "--requirepass $(REDIS_PASSWORD) --user probe on nopass +ping",
            );
        });

        it("uses a Secret made elsewhere, and then makes none", async () => {
            const existing = { enabled: true, existingSecret: "vault-made", existingSecretPasswordKey: "pw" };
            const values = { ...minimal, redis: { auth: existing } };
            expect((await render(values)).map(nameOf)).not.to.include("Secret/tradestream-redis");
            const { container } = await redis(values);
            expect(container.env?.[0]?.valueFrom?.secretKeyRef).to.deep.equal({ name: "vault-made", key: "pw" });
        });

        it("demands a password when it is to have one, and names the value", async () => {
            const message = await refusal({ ...minimal, redis: { auth: { enabled: true } } });
            expect(message).to.contain("redis.auth.password is missing");
        });

        it("is alive with any answer, ready only with a good one, and tells no password", async () => {
            for (const [values, user] of [
                [minimal, ""],
                [{ ...minimal, redis: { auth } }, " --user probe"],
            ] as const) {
                const { livenessProbe, readinessProbe, startupProbe } = (await redis(values)).container;
                const command = `redis-cli%${user} -h 127.0.0.1 -p 6379 ping`;
                expect(livenessProbe?.exec?.command?.join(" ")).to.equal(command.replace("%", ""));
                for (const probe of [readinessProbe, startupProbe])
                    expect(probe?.exec?.command?.join(" ")).to.equal(command.replace("%", " -e"));
            }
        });

        it("rolls its pod when the configuration changes, and only then", async () => {
            const checksum = async (values: Values) =>
                (await redis(values)).template.metadata?.annotations?.["checksum/configuration"];
            const before = await checksum(minimal);
            expect(before).to.match(/^[0-9a-f]{64}$/);
            expect(await checksum({ ...minimal, redis: { auth } })).to.equal(before);
            expect(await checksum({ ...minimal, redis: { master: { maxMemory: "64mb" } } })).not.to.equal(before);
        });

        it("writes a complete configuration", async () => {
            const master = { maxMemory: "64mb", maxMemoryPolicy: "allkeys-lru", disableCommands: ["KEYS"] };
            const values = { ...minimal, redis: { master, commonConfiguration: "appendonly no\n" } };
            const map = find(await render(values), "ConfigMap", "tradestream-redis-configuration");
            const lines = map.data?.["redis.conf"]?.split("\n").filter((line) => line && !line.startsWith("#"));
            expect(lines).to.deep.equal([
                "bind * -::*",
                "port 6379",
                "protected-mode no",
                "dir /data",
                "maxmemory 64mb",
                "maxmemory-policy allkeys-lru",
                'rename-command KEYS ""',
                "appendonly no",
            ]);
        });
    });

    describe("volumes", () => {
        const templates = async (persistence: Values) => {
            const { spec, pod } = await postgresql(withPrimary({ persistence }));
            return { claims: spec.volumeClaimTemplates, data: pod.volumes?.find(({ name }) => name === "data") };
        };

        it("come from a claim of the cluster's default class", async () => {
            const { claims, data } = await templates({});
            expect(data).to.equal(undefined);
            expect(claims?.map(({ spec }) => spec)).to.deep.equal([
                { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "20Gi" } } },
            ]);
        });

        it("come from the class that is named, or from none", async () => {
            const classOf = async (storageClass: string) =>
                (await templates({ storageClass })).claims?.[0]?.spec?.storageClassName;
            expect(await classOf("fast")).to.equal("fast");
            expect(await classOf("-")).to.equal("");
        });

        it("can be a claim made elsewhere, or pass with the pod", async () => {
            const existing = await templates({ existingClaim: "mine" });
            expect(existing.claims).to.equal(undefined);
            expect(existing.data?.persistentVolumeClaim).to.deep.equal({ claimName: "mine" });
            const none = await templates({ enabled: false, size: "1Gi" });
            expect(none.claims).to.equal(undefined);
            expect(none.data?.emptyDir).to.deep.equal({ sizeLimit: "1Gi" });
        });

        it("outlive the release by default", async () => {
            const { spec } = await postgresql();
            expect(spec.persistentVolumeClaimRetentionPolicy).to.deep.equal({
                whenDeleted: "Retain",
                whenScaled: "Retain",
            });
            const policy = { whenDeleted: "Delete" };
            const thrownAway = await postgresql(withPrimary({ persistentVolumeClaimRetentionPolicy: policy }));
            expect(thrownAway.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted).to.equal("Delete");
        });

        it("have claim templates that no upgrade changes", async () => {
            const changed = {
                ...minimal.postgresql,
                image: { tag: "17.99-bookworm" },
                primary: { maxConnections: 50 },
            };
            const { spec } = await postgresql({ postgresql: changed });
            expect(spec.volumeClaimTemplates).to.deep.equal((await postgresql()).spec.volumeClaimTemplates);
        });
    });

    it("puts pods where the values say", async () => {
        for (const set of statefulSets(await render(everything))) {
            const pod = set.spec?.template.spec;
            expect(pod?.nodeSelector).to.deep.equal({ disk: "ssd" });
            expect(pod?.tolerations).to.deep.equal([{ key: "database", operator: "Exists" }]);
            expect(pod?.topologySpreadConstraints).to.have.lengthOf(1);
            expect(pod?.affinity?.podAntiAffinity).to.be.an("object");
            expect(pod?.priorityClassName).to.equal("important");
            expect(pod?.imagePullSecrets).to.deep.equal([{ name: "registry" }]);
            expect(set.spec?.template.metadata?.annotations).to.include({ note: "x" });
        }
    });

    it("replaces a broken pod by a fixed one without a hand", async () => {
        for (const set of statefulSets(await render())) {
            expect(set.spec?.replicas).to.equal(1);
            expect(set.spec?.podManagementPolicy).to.equal("Parallel");
            expect(set.spec?.updateStrategy).to.deep.equal({ type: "RollingUpdate" });
        }
    });

    it("keeps every password in a Secret and nowhere else", async () => {
        const auth = { enabled: true, password: redisPassword };
        const manifests = await render({ ...everything, redis: { ...everything.redis, auth } });
        const others = JSON.stringify(manifests.filter(({ kind }) => kind !== "Secret"));
        const inSecrets = JSON.stringify(manifests.filter(({ kind }) => kind === "Secret"));
        for (const each of [password, redisPassword]) {
            const encoded = Buffer.from(each).toString("base64");
            expect(inSecrets).to.contain(encoded);
            expect(others).not.to.contain(encoded);
            expect(others).not.to.contain(JSON.stringify(each).slice(1, -1));
        }
    });
});
