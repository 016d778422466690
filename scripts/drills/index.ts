/** Runs a drill: refuses what cannot work, explains, asks, causes the fault, measures the recovery, and records it. */
import { setTimeout } from "node:timers/promises";
import type { Report } from "../../local/report.ts";
import { watchForInterruption } from "../deploy/interruption.ts";
import { readReleases } from "../deploy/releases.ts";
import { diagnose } from "../diagnose.ts";
import { readStatus } from "../status/index.ts";
import { type Fault, NeverRecovers, type Place } from "./drill.ts";
import { append, type DrillRecord } from "./records.ts";
import { failureOf, startRequests } from "./requests.ts";
import { type DrillName, drills } from "./table.ts";
import { missing, runningWorkloads, type Workload } from "./workloads.ts";

export interface DrillOptions {
    /** Address that is asked all the while. Default: the hosts of the stack, where they answer. */
    readonly url?: string;
    /** Default: that of the drill. */
    readonly targetSeconds?: number;
    /** File for the record. */
    readonly file: string;
    /** Asks whether to go on, after the explanation. */
    readonly confirm: () => Promise<boolean>;
}

export interface Outcome {
    /** Whether the stack has recovered within the target. */
    readonly met: boolean;
    /** What came of it, in sentences. */
    readonly said: string;
}

const pollMilliseconds = 500;

/** @throws before anything is touched: the drill cannot work there, or is not wanted */
export async function runDrill(name: DrillName, place: Place, options: DrillOptions, report: Report): Promise<Outcome> {
    const { stack, kubectl, namespace } = place;
    const drill = drills[name];
    const { targetSeconds = drill.targetSeconds, file } = options;
    const status = await readStatus(place, kubectl);
    if (!status.healthy)
        throw new Error(
            [`${stack} is not as it should be, and a drill would measure that:`, ...status.problems].join("\n  "),
        );
    const fault = await drill.prepare(place, status, report);
    const hosts = [...new Set(status.hosts.map(({ host }) => `https://${host}/`))];
    const urls = await answering(options.url, hosts, report);
    const commit = await deployedCommit(place);
    append(file, []);
    report.info(
        `Drill ${name} on ${stack}, namespace ${namespace}.\n${fault.does}\nWhat users notice: ${fault.notice}`,
    );
    report.info(`Target: every workload is ready again within ${targetSeconds} s.`);
    if (!(await options.confirm())) throw new Error("nothing was changed: the answer is not the name of the stack");
    const before = await runningWorkloads(kubectl, namespace);
    const requests = startRequests(urls);
    const started = new Date();
    const ended = await carryOut(fault, () => stillMissing(place, before, fault), targetSeconds, report);
    const { sent, failed } = await requests.stop();
    const lost = urls.length === 0 ? "" : ` ${failed} of ${sent} requests from here failed.`;
    if (ended instanceof Error)
        return { met: false, said: `The drill ${name} was broken off: ${ended.message}.${lost}` };
    const { seconds, why } = ended;
    const met = seconds !== null && seconds <= targetSeconds;
    const record: DrillRecord = {
        ...{ drill: name, stack, ...(commit !== undefined && { commit }), started: started.toISOString() },
        ...{ recoveredSeconds: seconds, targetSeconds, met, ...(urls.length > 0 && { failedRequests: failed }) },
    };
    append(file, [record]);
    if (seconds === null) (await diagnose(kubectl, namespace).catch(() => [])).forEach((line) => report.info(line));
    const came = seconds === null ? `has not recovered: ${why}` : `has recovered after ${seconds} s`;
    return { met, said: `${stack} ${came}; the target of ${targetSeconds} s is ${met ? "met" : "missed"}.${lost}` };
}

/** What of the addresses can be asked from here. */
async function answering(
    url: string | undefined,
    hosts: readonly string[],
    report: Report,
): Promise<readonly string[]> {
    const problem = url === undefined ? undefined : await failureOf(url);
    if (problem !== undefined) throw new Error(`${url} does not answer before the drill: ${problem}`);
    if (url !== undefined) return [url];
    const failures = await Promise.all(hosts.map(failureOf));
    const reached = hosts.filter((_, index) => failures[index] === undefined);
    const others = hosts.flatMap((host, index) =>
        failures[index] === undefined ? [] : [`${host} (${failures[index]})`],
    );
    if (others.length > 0) report.warn(`not asked, as they do not answer here: ${others.join(", ")}`);
    if (reached.length === 0) report.warn("no requests are sent meanwhile: --url names an address that answers here");
    return reached;
}

async function deployedCommit(place: Place): Promise<string | undefined> {
    const { good, unfinished } = await readReleases(place);
    return unfinished === undefined ? good[0]?.commit : undefined;
}

/** What is still to recover; nothing at the end. */
async function stillMissing(
    { kubectl, namespace }: Place,
    before: readonly Workload[],
    fault: Fault,
): Promise<readonly string[]> {
    if (!(await fault.recovered())) return ["the fault is not over"];
    return missing(before, await runningWorkloads(kubectl, namespace));
}

interface Measured {
    /** null where it has not recovered. */
    readonly seconds: number | null;
    readonly why: string;
}

/** Causes the fault, measures, and takes away what is left of it. Returns an error where there is nothing to measure. */
async function carryOut(
    fault: Fault,
    look: () => Promise<readonly string[]>,
    targetSeconds: number,
    report: Report,
): Promise<Measured | Error> {
    const interruption = watchForInterruption();
    const work = async (): Promise<Measured> => {
        const start = performance.now();
        const seconds = (): number => Math.round((performance.now() - start) / 100) / 10;
        await fault.cause();
        for (;;) {
            if (interruption.came()) throw new Error("interrupted");
            let why: string;
            try {
                why = (await look()).join(", ");
                if (why === "") return { seconds: seconds(), why };
            } catch (error) {
                why = (error as Error).message;
                if (error instanceof NeverRecovers) return { seconds: null, why };
            }
            if (seconds() > 2 * targetSeconds) return { seconds: null, why: `after ${seconds()} s, ${why}` };
            await setTimeout(pollMilliseconds);
        }
    };
    const broken = (error: unknown): Error =>
        interruption.came() ? new Error("it was interrupted") : (error as Error);
    try {
        const measured = await report.step("Causing the fault and waiting for the recovery", work).catch(broken);
        await fault.end?.();
        return measured;
    } catch (error) {
        return new Error(`what it has done could not be taken back: ${(error as Error).message}`);
    } finally {
        interruption.end();
    }
}
