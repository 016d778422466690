import { expect } from "chai";
import { type Program, runProgram } from "../../support/mocks.ts";
import {
    find,
    inputsOf,
    objectName,
    objectsOf,
    podOf,
    resource,
    secretData,
    type Tree,
} from "../../support/objects.ts";
import { programOf } from "../../support/programs.ts";
import { backupsToS3 } from "../broken/backups.ts";

const cronJobs = ["tradestream-backup-full", "tradestream-backup-incremental", "tradestream-backup-restore-test"];
const chartValues = (program: Program): Tree =>
    (objectsOf(program, "Release")[0]!.inputs["values"] as Tree)["postgresql"]!;
const containerOf = (program: Program, name: string): Tree =>
    podOf(program, "CronJob", name)["spec"]!["containers"]![0]!;
const egressOf = (program: Program, name: string): Tree => inputsOf(program, "NetworkPolicy", name)["spec"]!["egress"]!;

describe("backups", () => {
    let program: Program;

    before(async () => {
        program = await runProgram("production", backupsToS3);
    });

    it("are not made unless they are configured", async () => {
        const production = await programOf("production");
        expect(objectsOf(production, "CronJob").map(objectName)).to.deep.equal(["tradestream-notification-worker"]);
        expect(objectsOf(production, "ConfigMap")).to.deep.equal([]);
        expect(chartValues(production)).to.not.have.property("backup");
        expect(egressOf(production, "tradestream-postgresql")).to.deep.equal([]);
    });

    it("have a configuration without secrets, and a Secret with them", () => {
        const { data } = inputsOf(program, "ConfigMap", "tradestream-backup");
        expect(Object.keys(data!)).to.deep.equal(["pgbackrest.conf"]);
        expect(String(data!["pgbackrest.conf"]).split("\n")).to.include.members([
            "repo1-path=/tradestream/tradestream",
            "repo1-type=s3",
            "repo1-s3-endpoint=s3.eu-central-1.amazonaws.com",
            "repo1-storage-port=443",
            "repo1-cipher-type=aes-256-cbc",
            "repo1-retention-full-type=time",
            "repo1-retention-full=28",
            "[tradestream]",
            "pg1-path=/var/lib/postgresql/data/pgdata",
        ]);
        expect(secretData(program, "tradestream-backup-secrets")).to.deep.equal({
            "secrets.conf":
                "[global]\nrepo1-cipher-pass=a-passphrase-of-30-characters!\nrepo1-s3-key=access\nrepo1-s3-key-secret=secret\n",
        });
        expect(find(program, "Secret", "tradestream-backup-secrets")!.secretPaths).to.deep.equal(["data"]);
        const others = program.resources.filter(({ custom, type }) => custom && !/Secret$/.test(type));
        expect(JSON.stringify(others.map(({ inputs }) => inputs))).to.not.include("a-passphrase-of-30-characters!");
    });

    it("follow the database to another directory", async () => {
        const moved = await runProgram("production", {
            ...backupsToS3,
            "chart.values.postgresql.primary.dataDirectory": "pgdata-17",
        });
        const { data } = inputsOf(moved, "ConfigMap", "tradestream-backup");
        expect(data!["pgbackrest.conf"]).to.include("pg1-path=/var/lib/postgresql/data/pgdata-17\n");
    });

    it("make PostgreSQL archive its log, and restart when the place changes", async () => {
        const values = chartValues(program);
        expect(values["backup"]).to.deep.equal({
            enabled: true,
            existingConfigMap: "tradestream-backup",
            existingSecret: "tradestream-backup-secrets",
            archiveTimeoutSeconds: 60,
        });
        const checksum = (of: Program) => String(chartValues(of)["primary"]!["podAnnotations"]!["checksum/backup"]);
        expect(checksum(program)).to.match(/^[0-9a-f]{64}$/);
        for (const change of [{ backupSecretKey: "another" }, { "backup.retentionDays": 7 }])
            expect(checksum(await runProgram("production", { ...backupsToS3, ...change }))).to.not.equal(
                checksum(program),
            );
    });

    it("run on their schedules, one at a time, and end", () => {
        const schedules = cronJobs.map((name) => String(inputsOf(program, "CronJob", name)["spec"]!["schedule"]));
        expect(schedules).to.deep.equal(["0 1 * * 0", "0 1 * * 1-6", "0 5 * * 0"]);
        for (const name of cronJobs) {
            const spec = inputsOf(program, "CronJob", name)["spec"]!;
            expect(spec).to.deep.include({ concurrencyPolicy: "Forbid", timeZone: "Etc/UTC" });
            expect(spec["jobTemplate"]!["spec"]).to.deep.include({ activeDeadlineSeconds: 14_400, backoffLimit: 2 });
        }
    });

    it("are asked of the server, by pods that have neither the bucket's keys nor a token", () => {
        for (const [name, type] of [
            ["tradestream-backup-full", "full"],
            ["tradestream-backup-incremental", "incr"],
        ] as const) {
            const container = containerOf(program, name);
            expect(String(container["command"]![2])).to.include(`--type=${type} backup`);
            expect(container["image"]).to.equal("docker.io/example/postgresql-pgbackrest:17.11");
            expect(container["volumeMounts"]!.map(({ mountPath }) => mountPath as unknown)).to.deep.equal([
                "/tmp",
                "/etc/database-tls",
            ]);
            expect(podOf(program, "CronJob", name)["spec"]!["volumes"]!.at(-1)).to.deep.equal({
                name: "database-tls",
                secret: { secretName: "tradestream-database-client-postgres", defaultMode: 0o440 },
            });
            expect(podOf(program, "CronJob", name)["spec"]!["automountServiceAccountToken"]).to.equal(false);
        }
    });

    it("have scripts in which Kubernetes replaces nothing: it takes $$ for $, and $(NAME) for a variable", () => {
        for (const name of cronJobs) expect(String(containerOf(program, name)["command"]![2])).to.not.match(/\$[$(]/);
    });

    it("are restored to a scratch volume by the test", () => {
        const pod = podOf(program, "CronJob", "tradestream-backup-restore-test")["spec"]!;
        const script = String(pod["containers"]![0]!["command"]![2]);
        expect(script)
            .to.match(/pgbackrest .*verify/)
            .and.match(/pgbackrest info [^]*These backups are missing/)
            .and.match(/pgbackrest .*--archive-mode=off restore/);
        const scratch = pod["volumes"]!.find(({ name }) => String(name) === "scratch")!;
        expect(scratch["ephemeral"]!["volumeClaimTemplate"]!["spec"]!["resources"]).to.deep.equal({
            requests: { storage: "20Gi" },
        });
    });

    it("begin at deployment, when PostgreSQL is there; another place begins anew", async () => {
        const jobOf = (of: Program): string =>
            objectsOf(of, "Job")
                .map(objectName)
                .find((name) => name.startsWith("tradestream-backup-"))!;
        expect(resource(program, "backup-first").dependencies).to.include("backup-network-policy");
        const other = await runProgram("production", { ...backupsToS3, "backup.s3.bucket": "another" });
        expect(jobOf(other)).to.not.equal(jobOf(program));
    });

    it("are the only reason for the database to open connections: to the bucket's addresses", async () => {
        const [dns, bucket, ...rest] = egressOf(program, "tradestream-postgresql");
        expect(rest).to.deep.equal([]);
        expect(dns!["ports"]!.map(({ port }) => Number(port))).to.deep.equal([53, 53]);
        expect(bucket!["ports"]).to.deep.equal([{ protocol: "TCP", port: 443 }]);
        expect(JSON.stringify(bucket)).to.include("10.0.0.0/8").and.include("except");
        const inside = await runProgram("production", {
            ...backupsToS3,
            "backup.s3.endpoint": "https://minio.example.com:9000",
            "backup.s3.cidrs": ["10.20.0.0/16"],
        });
        for (const name of ["tradestream-postgresql", "tradestream-backup"])
            expect(egressOf(inside, name).at(-1), name).to.deep.equal({
                to: [{ ipBlock: { cidr: "10.20.0.0/16" } }],
                ports: [{ protocol: "TCP", port: 9000 }],
            });
    });

    it("go to a volume without a bucket and without connections", async () => {
        const volume = await runProgram("production", {
            ...backupsToS3,
            "backup.s3": undefined,
            backupAccessKey: undefined,
            backupSecretKey: undefined,
            "backup.volume.claimName": "backups",
        });
        expect(String(inputsOf(volume, "ConfigMap", "tradestream-backup")["data"]!["pgbackrest.conf"]))
            .to.include("repo1-path=/var/lib/pgbackrest/tradestream/tradestream\n")
            .and.not.include("s3");
        expect(chartValues(volume)["backup"]).to.deep.include({ existingClaim: "backups" });
        expect(egressOf(volume, "tradestream-postgresql")).to.have.length(1);
        expect(containerOf(volume, "tradestream-backup-restore-test")["volumeMounts"]).to.deep.include({
            name: "backup-repository",
            mountPath: "/var/lib/pgbackrest",
            readOnly: true,
        });
    });

    it("take a Secret that exists already", async () => {
        const given = ["backupPassphrase", "backupAccessKey", "backupSecretKey"];
        const rest = Object.fromEntries(Object.entries(backupsToS3).filter(([key]) => !given.includes(key)));
        const elsewhere = await runProgram("production", { ...rest, "backup.createSecret": false });
        expect(find(elsewhere, "Secret", "tradestream-backup-secrets")).to.equal(undefined);
        expect(chartValues(elsewhere)["backup"]).to.deep.include({ existingSecret: "tradestream-backup-secrets" });
    });
});
