import { spawnSync } from "node:child_process";
import path from "node:path";
import { expect } from "chai";
import { restore } from "../../scripts/restore.ts";
import { root } from "../support/configuration.ts";
import { silent } from "../support/reports.ts";

const server = {
    name: "postgresql",
    image: "example/postgresql-pgbackrest:17",
    args: ["postgres"],
    env: [{ name: "PGBACKREST_STANZA", value: "tradestream" }],
    volumeMounts: [{ name: "data", mountPath: "/var/lib/postgresql/data" }],
    readinessProbe: {},
    lifecycle: {},
};

/** A cluster that has one StatefulSet and notes what it is asked. */
function cluster({
    container = server,
    volumes = [] as object[],
    claims = ["data-tradestream-postgresql-0"],
    failing = "nothing",
} = {}) {
    const asked: string[] = [];
    const manifests: string[] = [];
    const found = [...claims];
    const set = {
        metadata: { name: "tradestream-postgresql" },
        spec: {
            volumeClaimTemplates: volumes.length > 0 ? [] : [{ metadata: { name: "data" } }],
            template: {
                metadata: { labels: { "app.kubernetes.io/component": "primary", app: "x" } },
                spec: { serviceAccountName: "tradestream-postgresql", containers: [container], volumes },
            },
        },
    };
    const kubectl = (args: readonly string[], input?: string): Promise<string> => {
        asked.push(args.slice(0, -2).join(" "));
        expect(args.slice(-2)).to.deep.equal(["-n", "team-trade"]);
        if (input !== undefined) manifests.push(input);
        const [verb, object = ""] = args;
        if (verb === "get" && object === "statefulset") return Promise.resolve(JSON.stringify(set));
        if (verb === "get" && object === "persistentvolumeclaims")
            return Promise.resolve(found.map((name) => `persistentvolumeclaim/${name}`).join("\n"));
        if (verb === "patch" && args.join().includes('"replicas":1'))
            found.splice(0, found.length, "data-tradestream-postgresql-0");
        if (verb === "get") {
            const type = object.includes(failing) ? "Failed" : "Complete";
            return Promise.resolve(JSON.stringify({ status: { conditions: [{ type, status: "True" }] } }));
        }
        if (verb === "logs") return Promise.resolve("ERROR: [075]: no backup set found to restore");
        return Promise.resolve(verb === "create" ? "job.batch/tradestream-restore-1" : "");
    };
    const run = (time?: Date): Promise<void> =>
        restore({ namespace: "team-trade", releaseName: "tradestream", time }, kubectl, silent);
    return { asked, manifests, run };
}

const replicas = (asked: readonly string[]): readonly string[] =>
    asked.flatMap((line) => /"replicas":(\d)/.exec(line)?.[1] ?? []);

async function failureOf(work: Promise<void>): Promise<string> {
    return work.then(
        () => "none",
        (error: unknown) => (error as Error).message,
    );
}

describe("a restore", () => {
    it("stops the server, restores its files, starts it, makes a backup; in this order", async () => {
        const { asked, run } = cluster();
        await run();
        const steps = asked.filter((line) => /^(patch|wait|create|rollout)/.test(line));
        expect(steps.map((line) => line.split(" ").slice(0, 2).join(" "))).to.deep.equal([
            "create --dry-run=server",
            "patch statefulset",
            "wait pod/tradestream-postgresql-0",
            "create -f",
            "patch statefulset",
            "rollout status",
            "create job",
        ]);
        expect(replicas(asked)).to.deep.equal(["0", "1"]);
        expect(asked.at(-2)).to.include("--from=cronjob/tradestream-backup-incremental");
    });

    it("is the server's own pod with another command, which no Service selects", async () => {
        const { manifests, run } = cluster();
        await run(new Date("2026-11-28T20:15:00.250Z"));
        const { spec, metadata } = JSON.parse(manifests[0]!) as {
            metadata: { labels: Record<string, string> };
            spec: { backoffLimit: number; template: { spec: Record<string, unknown> & { containers: object[] } } };
        };
        expect(metadata.labels).to.deep.equal({ "app.kubernetes.io/component": "restore", app: "x" });
        expect(spec.backoffLimit).to.equal(0);
        const { containers, volumes, serviceAccountName } = spec.template.spec;
        expect(serviceAccountName).to.equal("tradestream-postgresql");
        expect(volumes).to.deep.equal([
            { name: "data", persistentVolumeClaim: { claimName: "data-tradestream-postgresql-0" } },
        ]);
        expect(containers[0]).to.include({ image: server.image }).and.not.have.any.keys("readinessProbe", "lifecycle");
        expect(JSON.stringify(containers[0])).to.include(
            "--delta --type=time --target='2026-11-28 20:15:00.250+00' --target-action=promote restore",
        );
        expect(manifests[1]).to.equal(manifests[0]);
    });

    it("has a claim made that is gone", async () => {
        const { asked, run } = cluster({ claims: [] });
        await run();
        expect(replicas(asked)).to.deep.equal(["0", "1", "0", "1"]);
    });

    it("stops nothing where there are no backups, or no volume", async () => {
        const without = cluster({ container: { ...server, env: [] } });
        expect(await failureOf(without.run())).to.include("has no backups");
        const empty = cluster({ volumes: [{ name: "data", emptyDir: {} }] });
        expect(await failureOf(empty.run())).to.include("emptyDir");
        expect([...without.asked, ...empty.asked].filter((line) => !line.startsWith("get "))).to.deep.equal([]);
    });

    it("leaves the server stopped when it fails, and says why", async () => {
        const { asked, run } = cluster({ failing: "restore" });
        const failure = await failureOf(run());
        expect(failure).to.include("PostgreSQL stays stopped").and.include("no backup set found");
        expect(replicas(asked)).to.deep.equal(["0"]);
    });

    it("says so when the result is not backed up", async () => {
        const { asked, run } = cluster({ failing: "restored" });
        expect(await failureOf(run())).to.include("is restored and serves, but is not backed up");
        expect(replicas(asked)).to.deep.equal(["0", "1"]);
    });
});

describe("npm run restore", () => {
    const run = (...args: readonly string[]) =>
        spawnSync(
            process.execPath,
            [path.join(root, "scripts/platform/cli.ts"), "restore", "--stack", "production", ...args],
            {
                encoding: "utf8",
                stdio: ["ignore", "pipe", "pipe"],
            },
        );

    it("refuses a day that no month has", () => {
        const { status, stdout, stderr } = run("--yes", "--time", "2026-02-31T00:00:00Z");
        expect([status, stdout]).to.deep.equal([2, ""]);
        expect(stderr).to.match(/^error: .*Give a time with its zone/);
    });

    it("changes nothing where nobody can be asked", () => {
        const { status, stderr } = run();
        expect(status, stderr).to.equal(1);
        expect(stderr)
            .to.match(/nothing was changed/)
            .and.not.match(/await/);
    });
});
