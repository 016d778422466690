/** The notification worker on its real schedule: every minute, on time, never two at once, never for ever. */
import { expect } from "chai";
import { record } from "../evidence.ts";
import { eventually, get, kubectl } from "./support/commands.ts";
import { JobLog, missedMinutes, overlaps, runOf, startRun, type Run } from "./support/jobs.ts";
import { isSoak, namespace, start, upOk } from "./support/tradestream.ts";

const suite = "Schedule";
const cronJob = "tradestream-notification-worker";
const selector = ["-n", namespace, "-l", "app.kubernetes.io/component=notification-worker"];
const startingDeadlineSeconds = 30;
/** Longer than the minute until the next run. The configuration refuses that; the tests put it in behind its back. */
const activeDeadlineSeconds = 70;
const limits = { "notificationWorker.failedJobsHistoryLimit": 1, "notificationWorker.successfulJobsHistoryLimit": 1 };
const hanging = { ...limits, "notificationWorker.env": { STAND_IN_HANG_SECONDS: "600" } };

/** Two runs that fail after a second, as the CronJob's own. */
async function failTwice(prefix: string): Promise<void> {
    for (const number of [1, 2]) {
        await startRun(cronJob, `${prefix}-${number}`, (job) => (job.spec.activeDeadlineSeconds = 1));
    }
}

async function failedRuns(): Promise<readonly string[]> {
    const jobs = await get("jobs", ...selector);
    return jobs.filter((job) => runOf(job).failure !== undefined).map(({ metadata }) => metadata.name);
}

describe("the notification worker's schedule", function () {
    this.timeout(isSoak ? 900_000 : 500_000);
    let log: JobLog;
    const scheduled = (): readonly Run[] => log.runs.filter((run) => run.scheduled !== undefined);

    before(async () => {
        await start({ "notificationWorker.startingDeadlineSeconds": startingDeadlineSeconds });
        log = new JobLog(...selector);
    });

    after(() => log.stop());

    it("starts a run every minute, on time, and each ends well", async () => {
        const wanted = isSoak ? 5 : 2;
        const done = await eventually(90 * wanted, async () => {
            const ended = scheduled().filter(({ ended }) => ended !== undefined);
            return Promise.resolve(ended.length >= wanted ? ended : undefined);
        });
        expect(done.filter(({ failure }) => failure !== undefined)).to.deep.equal([]);
    });

    it("control: with the limit of three, two failed runs are kept", async () => {
        await failTwice("kept");
        await eventually(60, async () => ((await failedRuns()).length === 2 ? true : undefined));
    });

    it("keeps no more finished runs than the history limits say", async () => {
        await upOk({ ...hanging, "notificationWorker.startingDeadlineSeconds": startingDeadlineSeconds });
        const kept = await eventually(120, async () => {
            const names = await failedRuns();
            return names.length === 1 ? names : undefined;
        });
        const name = "failed runs kept with a limit of 1 (2 with a limit of 3)";
        record({ suite, name, value: kept.length, requirement: "1" });
    });

    it("never runs twice at once, and ends a run that hangs", async () => {
        const patch = { spec: { jobTemplate: { spec: { activeDeadlineSeconds } } } };
        await kubectl("patch", "cronjob", cronJob, "-n", namespace, "-p", JSON.stringify(patch));
        const patched = Date.now();
        const hung = await eventually(120, () => Promise.resolve(scheduled().find(({ created }) => created > patched)));
        // The control: the same run by hand, without the deadline and beside the schedule.
        await startRun(cronJob, "control", (job) => {
            delete job.spec.activeDeadlineSeconds;
            delete job.metadata.ownerReferences;
        });
        const find = (name: string): Run => log.runs.find((run) => run.name === name)!;
        await eventually(activeDeadlineSeconds + 60, () =>
            Promise.resolve(find(hung.name).ended !== undefined || undefined),
        );
        expect(find(hung.name).failure).to.equal("DeadlineExceeded");
        expect(find("control").ended, "a run without a deadline hangs on").to.equal(undefined);
        const next = await eventually(90, () =>
            Promise.resolve(scheduled().find(({ created }) => created > hung.created)),
        );
        const together = overlaps(scheduled());
        expect(together).to.deep.equal([]);
        expect(overlaps(log.runs), "the control").to.include(`control began during ${hung.name}`);
        const tookSeconds = Math.round((find(hung.name).ended! - hung.created) / 1000);
        record({
            suite,
            name: `a hung run was ended after (deadline ${activeDeadlineSeconds} s)`,
            value: tookSeconds,
            unit: "s",
        });
        record({ suite, name: "runs that began during another", value: together.length, requirement: "0" });
        expect(next.created).to.be.at.least(find(hung.name).ended!);
    });

    it("was on time all the while", () => {
        const late = scheduled().map((run) => (run.created - run.scheduled!) / 1000);
        const latest = Math.max(...late);
        record({
            suite,
            name: `latest start of ${late.length} scheduled runs`,
            value: latest,
            unit: "s",
            requirement: "30 s",
        });
        expect(latest).to.be.at.most(startingDeadlineSeconds);
        const unblocked = scheduled().filter(({ failure, ended }) => failure === undefined && ended !== undefined);
        expect(missedMinutes(unblocked)).to.deep.equal([]);
    });
});
