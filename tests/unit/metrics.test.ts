/** `npm run metrics`: on the history of a real stack, and case by case on updates of real commits. */
import { copyFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { ensurePulumi, type Pulumi } from "../../local/pulumi/index.ts";
import { runPulumi } from "../../local/pulumi/run.ts";
import { type LocalStack, openStack, stackArguments } from "../../local/pulumi/stack.ts";
import { createReport } from "../../local/report.ts";
import { append, type DrillRecord, read } from "../../scripts/drills/records.ts";
import { Commits } from "../../scripts/metrics/commits.ts";
import { type Deployment, deploymentsOf } from "../../scripts/metrics/deployments.ts";
import { type Update, updatesOf } from "../../scripts/metrics/history.ts";
import { readMetrics } from "../../scripts/metrics/index.ts";
import { measure, measureDrills, weeksOf } from "../../scripts/metrics/measures.ts";
import { plot } from "../../scripts/metrics/plot.ts";
import { metricsText } from "../../scripts/metrics/text.ts";
import { root } from "../support/configuration.ts";
import { Repository } from "../support/repository.ts";

const identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
const hour = 3600;

describe("metrics", () => {
    let repository: Repository;
    beforeEach(async () => (repository = await Repository.of({})));
    afterEach(() => repository.remove());

    describe("case by case", () => {
        /** An update that begins this many hours from now and takes one. */
        const update = (start: number, commit: string | undefined, change: Partial<Update> = {}): Update => ({
            start: at(start),
            end: at(start + 1),
            succeeded: true,
            changed: true,
            ...(commit !== undefined && { commit }),
            ...change,
        });
        const now = Math.floor(Date.now() / 1000) * 1000;
        const at = (hours: number): Date => new Date(now + hours * hour * 1000);
        const failed = { succeeded: false };
        const outcomes = async (...updates: readonly Update[]) =>
            (await deploymentsOf(updates, new Commits(repository.directory))).map(
                ({ start, outcome, restoredSeconds }: Deployment) =>
                    `${(start.getTime() - now) / hour / 1000} ${outcome}${restoredSeconds === undefined ? "" : ` ${restoredSeconds / hour} h`}`,
            );

        it("a failed update is restored by the next good one, and counts again when it fails again", async () => {
            const [a, b, c] = [await repository.commit(), await repository.commit(), await repository.commit()];
            const updates = [update(0, a), update(10, b, failed), update(12, b, failed), update(20, c)];
            expect(await outcomes(...updates)).to.deep.equal(["0 good", "10 failed 11 h", "12 failed 9 h", "20 good"]);
            expect(await outcomes(...updates.slice(0, 2))).to.deep.equal(["0 good", "10 failed"]);
        });

        it("going back to an earlier commit is no deployment, and takes back a good one", async () => {
            const [a, b] = [await repository.commit(), await repository.commit()];
            const back = [update(0, a), update(10, b), update(14, a)];
            expect(await outcomes(...back)).to.deep.equal(["0 good", "10 taken-back 5 h"]);
            // The same again, forward: a deployment.
            expect(await outcomes(...back, update(20, b))).to.have.members(["0 good", "10 taken-back 5 h", "20 good"]);
            const failing = [update(0, a), update(10, b), update(14, a, failed), update(16, a)];
            expect(await outcomes(...failing)).to.deep.equal(["0 good", "10 taken-back 7 h"]);
        });

        it("a revert takes back the deployment that brought the commit", async () => {
            const [a, b] = [await repository.commit(), await repository.commit({ bad: "bad" })];
            const c = await repository.commit({ other: "good" });
            await repository.git(...identity, "revert", "--no-edit", b);
            const d = await repository.git("rev-parse", "HEAD");
            expect(await outcomes(update(0, a), update(10, b), update(12, c), update(14, d))).to.deep.equal([
                "0 good",
                "10 taken-back 5 h",
                "12 good",
                "14 good",
            ]);
        });

        it("an update without a change is no deployment, and restores what has failed", async () => {
            const a = await repository.commit();
            const same = { changed: false };
            expect(await outcomes(update(0, a), update(2, a, same))).to.deep.equal(["0 good"]);
            expect(await outcomes(update(0, a, failed), update(2, a, same))).to.deep.equal(["0 failed 3 h"]);
        });

        it("lead time is that of each commit since the last good update, of good deployments alone", async () => {
            const [a, b, c] = [await repository.commit(), await repository.commit(), await repository.commit()];
            const of = async (...updates: readonly Update[]) => {
                const deployments = await deploymentsOf(updates, new Commits(repository.directory));
                return measure(deployments, { from: at(-1), to: at(100) }).leadTime;
            };
            const near = async (leadTime: Promise<{ medianSeconds: number | null; commits: number }>) => {
                const { medianSeconds, commits } = await leadTime;
                return [Math.round(medianSeconds! / hour), commits];
            };
            expect(await near(of(update(0, a), update(8, c)))).to.deep.equal([9, 3]);
            expect(await near(of(update(0, a), update(3, b, failed), update(8, c)))).to.deep.equal([9, 3]);
            expect(await near(of(update(0, a), update(3, b), update(5, a), update(8, c)))).to.deep.equal([9, 3]);
            expect(await of(update(0, "0".repeat(40)), update(1, undefined))).to.deep.equal({
                medianSeconds: null,
                commits: 0,
            });
        });

        it("measures a period by what ended in it, in weeks that end with it", () => {
            const deployment = (start: number, outcome: Deployment["outcome"], restored?: number): Deployment => ({
                start: at(start),
                end: at(start + 1),
                outcome,
                leadSeconds: [start, 2 * start],
                ...(restored !== undefined && { restoredSeconds: restored }),
            });
            const all = [
                deployment(-1, "good"),
                deployment(10, "good"),
                deployment(200, "failed", 60),
                deployment(300, "taken-back", 120),
                deployment(330, "failed"),
            ];
            const period = { from: at(0.5), to: at(0.5 + 14 * 24) };
            expect(measure(all, period)).to.deep.equal({
                deploymentFrequency: { perWeek: 1, deployments: 2 },
                leadTime: { medianSeconds: 15, commits: 2 },
                changeFailureRate: { ratio: 3 / 4, failed: 3, changes: 4 },
                timeToRestore: { medianSeconds: 90, restored: 2, open: 1 },
            });
            const weeks = weeksOf({ from: at(-20), to: period.to });
            expect(weeks.map(({ from, to }) => [from, to])).to.deep.equal([
                [at(-20), at(0.5)],
                [at(0.5), at(0.5 + 7 * 24)],
                [at(0.5 + 7 * 24), period.to],
            ]);
            expect(weeks.map((week) => measure(all, week).changeFailureRate.changes)).to.deep.equal([1, 1, 3]);
            expect(measure([], period).changeFailureRate.ratio).to.equal(null);
        });

        it("plots each measure by weeks, the highest as high as its row", () => {
            const empty = measure([], { from: at(0), to: at(1) });
            const week = (number: number, deployments: number) => ({
                ...empty,
                deploymentFrequency: { perWeek: deployments, deployments },
                from: at(number * 168),
                to: at((number + 1) * 168),
            });
            const weeks = [week(0, 1), week(1, 4)];
            const drills = { met: 0, drills: 0 };
            const period = { stack: "a<b>", from: at(0), to: at(336), drills, unknownCommits: 0, deployments: [] };
            const drawn = plot({ ...empty, ...period, weeks });
            const bars = [...drawn.matchAll(/width="([\d.]+)" height="([\d.]+)"><title>[^:]*: ([^<]*)</g)];
            expect(bars.map(([, width, height, tip]) => [width, height, tip]).slice(0, 3)).to.deep.equal([
                ["256", "15", "1"],
                ["256", "60", "4"],
                ["256", "0", "nothing to measure"],
            ]);
            expect(bars).to.have.lengthOf(8);
            expect(drawn).to.contain("a&#60;b&#62;, by weeks");
        });

        it("measures the drills of the period by their records", () => {
            const record = (hours: number, recoveredSeconds: number | null, met = true): DrillRecord => ({
                ...{ drill: "lose-redis", stack: "trial", started: at(hours).toISOString() },
                ...{ recoveredSeconds, targetSeconds: 300, met },
            });
            const records = [record(-1, 1), record(1, 10), record(2, 30), record(3, null, false), record(24, 1)];
            expect(measureDrills(records, { from: at(0), to: at(24) })).to.deep.equal({ met: 2, drills: 3 });
        });

        it("reads the records that drills append, and names a line that is none", () => {
            const file = path.join(repository.directory, "drills.jsonl");
            expect(read(file)).to.deep.equal([]);
            expect(() => read(file, true)).to.throw("no such file");
            const record = { drill: "restore", stack: "trial", started: at(0).toISOString() };
            const made = { ...record, recoveredSeconds: 9, targetSeconds: 3600, met: true };
            append(file, [made, made]);
            expect(read(file)).to.deep.equal([made, made]);
            for (const line of ["{", "{}"]) {
                writeFileSync(file, `${JSON.stringify(made)}\n${line}\n`);
                expect(() => read(file), line).to.throw(`${file}: line 2 is no record of a drill`);
            }
        });

        it("leaves out what is no update, or has not ended", () => {
            const recorded = { startTime: at(0), endTime: at(1), result: "succeeded", environment: {} };
            const history = [
                { ...recorded, kind: "update" },
                { ...recorded, kind: "refresh" },
                { ...recorded, kind: "destroy" },
                { ...recorded, kind: "update", result: "in-progress", endTime: undefined },
            ];
            expect(updatesOf(JSON.stringify(history))).to.deep.equal([
                { start: at(0), end: at(1), succeeded: true, changed: false },
            ]);
        });
    });

    describe("of a real stack", function () {
        this.timeout(300_000);
        let pulumi: Pulumi;
        let stack: LocalStack;
        before(async () => (pulumi = await ensurePulumi(createReport())));

        const good = (length: number) =>
            `import * as random from "@pulumi/random";\nnew random.RandomPassword("p", { length: ${length} });\n`;
        const project = { "Pulumi.yaml": "name: shop\nruntime: nodejs\nmain: index.js\n" };
        /** Fails when it has changed something, as a bad rollout does: going back changes it again. */
        const bad = `${good(15).replace("new", "const p = new")}p.result.apply(() => { throw new Error("bad"); });\n`;
        const commit = (program: string) => repository.commit({ "index.js": program });
        async function up(directory: string): Promise<number | undefined> {
            const args = ["up", ...stackArguments(stack), "--yes", "--skip-preview", "--non-interactive"];
            return (await runPulumi(pulumi, args, { cwd: directory, env: stack.env, output: "pipe" })).code;
        }
        const command = () => ({
            file: pulumi.file,
            cwd: repository.directory,
            env: stack.env,
            project: "shop",
            stack: stack.name,
            flags: [],
        });

        it("a failed update, going back in a work tree of an earlier commit, and a fix", async () => {
            const place = path.join(repository.directory, ".git", "state");
            stack = await openStack(pulumi, { directory: place, stack: "trial", project: "shop" });
            symlinkSync(path.join(root, "node_modules"), path.join(repository.directory, "node_modules"));
            repository.write({ ...project, "package.json": '{ "type": "module" }\n' });
            expect(metricsText(await readMetrics(command(), 30, new Date())))
                .to.contain("0 deployments")
                .and.contain("change failure rate    -");
            const first = await commit(good(10));
            expect(await up(repository.directory)).to.equal(0);
            const broken = await commit(bad);
            expect(await up(repository.directory)).to.not.equal(0);
            // As `npm run deploy` and `npm run rollback` go back.
            const tree = path.join(repository.directory, ".git", "earlier");
            await repository.git("worktree", "add", "--quiet", "--detach", tree, first);
            symlinkSync(path.join(root, "node_modules"), path.join(tree, "node_modules"));
            expect(await up(tree)).to.equal(0);
            const fixed = await commit(good(20));
            expect(await up(repository.directory)).to.equal(0);

            const started = new Date(Date.now() - 1).toISOString();
            const drilled = { drill: "lose-redis", started, recoveredSeconds: 90, targetSeconds: 300, met: true };
            const records = [
                { ...drilled, stack: `organization/shop/${stack.name}` },
                { ...drilled, stack: "another" },
            ];
            const metrics = await readMetrics(command(), 30, new Date(), records);
            expect(metrics.deployments.map(({ commit, outcome }) => [commit, outcome])).to.deep.equal([
                [first, "good"],
                [broken, "failed"],
                [fixed, "good"],
            ]);
            expect(metrics.deploymentFrequency).to.deep.equal({ perWeek: 2, deployments: 2 });
            expect(metrics.changeFailureRate).to.deep.equal({ ratio: 1 / 3, failed: 1, changes: 3 });
            expect(metrics.timeToRestore).to.deep.include({ restored: 1, open: 0 });
            expect(metrics.deployments[1]!.restoredSeconds).to.be.greaterThan(0);
            // The first commit, and then the broken one with its fix.
            expect(metrics.leadTime.commits).to.equal(3);
            expect(metrics.unknownCommits).to.equal(0);
            expect(metricsText(metrics)).to.match(
                /33 % +1 of 3 changes\n.*median of 1 failure\n.*drills +1 of 1 +recovered within the target$/,
            );
            // A row for each measure, with a bar for its one week.
            expect([...plot(metrics).matchAll(/<title>week to [^<]*<\/title>/g)]).to.have.lengthOf(4);

            // Older updates too: the CLI prints ten when it is not asked for all.
            const history = path.join(place, "state/.pulumi/history/shop/trial");
            const oldest = readdirSync(history).find((file) => file.endsWith(".history.json"))!;
            for (let number = 10; number < 20; number++)
                copyFileSync(path.join(history, oldest), path.join(history, oldest.replace(/\d+/, String(number))));
            expect((await readMetrics(command(), 30, new Date())).deployments).to.have.lengthOf(3 + 10);

            // A clone without these commits knows as much as the history does, and says so.
            const other = await Repository.of(project);
            try {
                const lacking = await readMetrics({ ...command(), cwd: other.directory }, 30, new Date());
                expect(lacking).to.include({ unknownCommits: 14 });
                expect(metricsText(lacking)).to.contain("leaves out 14 deployments");
            } finally {
                other.remove();
            }
        });

        it("says when there is no such history", async () => {
            const place = path.join(repository.directory, ".git", "state");
            stack = await openStack(pulumi, { directory: place, stack: "trial", project: "shop" });
            repository.write(project);
            const failure = await readMetrics({ ...command(), stack: "none" }, 30, new Date()).catch(String);
            expect(failure).to.match(/^Error: the history of none cannot be read: error: no stack named 'none' found/);
        });
    });
});
