/**
 * The engine is killed in the middle, again and again: the next run always ends where an undisturbed one does. `KILLS`
 * in the environment says at how many points of `up` and of `destroy` (default 3; the long series has 20).
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { expect } from "chai";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { engine, engineOk, get, kubectl, root } from "./support/commands.ts";

const program = path.join(root, "tests/fixtures/engine-program");
const namespace = "engine-fixture";
const points = Number(process.env["KILLS"] ?? 3);
const features = ["--config", 'features=["slow","binding","chart"]'];
const args = (command: string, ...more: string[]): string[] => [command, "--cwd", program, "--stack", "test", ...more];

interface Resource {
    readonly urn: string;
    readonly id?: string;
    readonly delete?: boolean;
    readonly initErrors?: readonly string[];
}

describe("engine, killed", function () {
    this.timeout(points * 120_000 + 120_000);
    let own: string | undefined;
    const stateFile = (): string => path.join(process.env["TRADESTREAM_STACKS"] ?? "", "engine-fixture", "test.json");

    function resources(): readonly Resource[] {
        const { deployment } = JSON.parse(fs.readFileSync(stateFile(), "utf8")) as {
            deployment: { resources: Resource[]; pending_operations?: unknown[] };
        };
        expect(deployment.pending_operations ?? []).to.deep.equal([]);
        expect(deployment.resources.filter((resource) => resource.delete)).to.deep.equal([]);
        return deployment.resources;
    }

    before(async () => {
        if (process.env["TRADESTREAM_STACKS"] === undefined) {
            own = fs.mkdtempSync(path.join(os.tmpdir(), "engine-stacks-"));
            process.env["TRADESTREAM_STACKS"] = own;
        }
        await kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=true");
        fs.rmSync(stateFile(), { force: true });
    });

    after(async () => {
        await engine(args("destroy", "--yes"));
        await kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=true");
        fs.rmSync(stateFile(), { force: true });
        if (own !== undefined) {
            fs.rmSync(own, { recursive: true, force: true });
            delete process.env["TRADESTREAM_STACKS"];
        }
    });

    /** Starts a run and ends it at a line of its progress, by number or by content. */
    async function killedAt(
        line: number | RegExp,
        signal: "SIGKILL" | "SIGINT",
        command: string,
        ...more: string[]
    ): Promise<{ code: number | null }> {
        const child = spawn(
            process.execPath,
            [path.join(root, "local/engine/cli.ts"), ...args(command, "--yes", ...more)],
            {
                stdio: ["ignore", "ignore", "pipe"],
            },
        );
        let told = "";
        const isReached = (): boolean => (typeof line === "number" ? told.split("\n").length > line : line.test(told));
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
            const before = isReached();
            told += text;
            if (!before && isReached()) child.kill(signal);
        });
        const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
        await expectNoChildren(child);
        return { code };
    }

    let undisturbed: readonly string[] = [];

    it("first: an undisturbed run, to compare with", async () => {
        await engineOk(args("up", "--yes", ...features));
        undisturbed = resources().map((resource) => resource.urn);
        await engineOk(args("destroy", "--yes"));
    });

    for (let point = 0; point < points; point++) {
        it(`up and destroy at point ${point + 1} of ${points}`, async () => {
            // an undisturbed up tells about 22 lines, a destroy about 20: the points are spread over them
            await killedAt(1 + Math.floor((point * 24) / points), "SIGKILL", "up", ...features);
            await engineOk(args("up", "--yes", ...features));
            await engineOk(args("up", "--yes", "--expect-no-changes", ...features));
            const urns = resources().map((resource) => resource.urn);
            expect([...urns].sort()).to.deep.equal([...undisturbed].sort());
            const names = (await get("configmap", "-n", namespace)).map(({ metadata }) =>
                metadata.name.replace(/^extra-.*/, "extra"),
            );
            expect(names.sort()).to.deep.equal([
                "extra",
                "fixture-chart",
                "fixture-settings",
                "kube-root-ca.crt",
                ...[0, 1, 2, 3, 4].map((index) => `slow-${index}`),
            ]);
            await killedAt(1 + Math.floor((point * 20) / points), "SIGKILL", "destroy");
            await engineOk(args("destroy", "--yes"));
            expect(resources()).to.deep.equal([]);
            expect(await kubectl("get", "namespace", namespace, "--ignore-not-found")).to.equal("");
        });
    }

    it("by SIGINT: finishes what is under way, writes it down, releases the lock, exits with 130", async () => {
        const workload = (...more: string[]): string[] => [
            "--config",
            `features=${JSON.stringify(["workload", ...more])}`,
        ];
        const { code } = await killedAt(/workload creating/, "SIGINT", "up", ...workload());
        expect(code).to.equal(130);
        expect(fs.existsSync(stateFile().replace(/json$/, "lock"))).to.equal(false);
        expect(resources().find((resource) => resource.urn.endsWith("::workload"))).to.have.property("initErrors");
        await engineOk(args("up", "--yes", ...workload("no-await")));
        await engineOk(args("destroy", "--yes"));
    });

    it("a second run is refused while one is at work", async () => {
        const first = spawn(
            process.execPath,
            [path.join(root, "local/engine/cli.ts"), ...args("up", "--yes", "--config", 'features=["workload"]')],
            {
                stdio: ["ignore", "ignore", "pipe"],
            },
        );
        const ended = new Promise((resolve) => first.once("close", resolve));
        await new Promise((resolve) => first.stderr.once("data", resolve));
        const second = await engine(args("up", "--yes"));
        expect(second.code).to.equal(1);
        expect(second.stderr).to.match(new RegExp(`locked by "up", process ${first.pid} on`));
        await ended;
        await engineOk(args("destroy", "--yes"));
    });
});

/** The program and helm end with the engine. */
async function expectNoChildren(child: ChildProcess): Promise<void> {
    const end = Date.now() + 5000;
    for (;;) {
        const left = fs.readdirSync("/proc").filter((pid) => {
            try {
                const commandLine = fs.readFileSync(`/proc/${pid}/cmdline`, "utf8");
                return (
                    commandLine.includes("engine-program") &&
                    commandLine.includes("@pulumi/pulumi/cmd/run") &&
                    !commandLine.includes(`--stack\0other`)
                );
            } catch {
                return false;
            }
        });
        if (left.length === 0) return;
        if (Date.now() > end) throw new Error(`processes outlive the engine (${child.pid}): ${left.join(", ")}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
}
