/** Runs of a CronJob: all that were ever seen, since its history limits remove them, and such as are started by hand. */
import { createReport } from "../../../local/report.ts";
import { ensureTools } from "../../../local/tools/index.ts";
import { command, get, kubectl, type KubeObject } from "./commands.ts";
import { pause } from "./load.ts";
import { namespace } from "./tradestream.ts";

/** One run, in milliseconds since 1970. */
export interface Run {
    readonly name: string;
    /** Minute for which the schedule started it; `undefined` for one that was started by hand. */
    readonly scheduled: number | undefined;
    readonly created: number;
    /** `undefined` while it runs. */
    readonly ended: number | undefined;
    readonly failure: string | undefined;
}

/** Looks at Jobs once a second until it is stopped. */
export class JobLog {
    readonly #query: readonly string[];
    readonly #seen = new Map<string, Run>();
    readonly #loop: Promise<void>;
    #stopped = false;

    constructor(...query: string[]) {
        this.#query = query;
        this.#loop = this.#watch();
    }

    /** All runs seen so far, oldest first. */
    get runs(): readonly Run[] {
        return [...this.#seen.values()].sort((a, b) => a.created - b.created);
    }

    async stop(): Promise<void> {
        this.#stopped = true;
        await this.#loop;
    }

    async #watch(): Promise<void> {
        while (!this.#stopped) {
            // A look that fails is made up for by the next.
            for (const job of await get("jobs", ...this.#query).catch(() => []))
                this.#seen.set(job.metadata.uid, runOf(job));
            await pause(1000);
        }
    }
}

/** What of a Job is changed to start it by hand. */
export interface JobManifest {
    metadata: { ownerReferences?: unknown };
    spec: {
        activeDeadlineSeconds?: number;
        template: { spec: { containers: { env?: { name: string; value: string }[] }[] } };
    };
}

/** Starts a run of a CronJob by hand, with changes to its Job. */
export async function startRun(cronJob: string, name: string, change: (job: JobManifest) => void): Promise<void> {
    const from = [
        "create",
        "job",
        name,
        "-n",
        namespace,
        `--from=cronjob/${cronJob}`,
        "--dry-run=client",
        "-o",
        "json",
    ];
    const job = JSON.parse(await kubectl(...from)) as JobManifest;
    change(job);
    const tools = await ensureTools(["kubectl"], createReport());
    const { code, stderr } = await command(tools.kubectl, ["create", "-f", "-"], { input: JSON.stringify(job) });
    if (code !== 0) throw new Error(stderr);
}

/** What a Job tells of its run. */
export function runOf({ metadata, status }: KubeObject): Run {
    const scheduled = metadata.annotations?.["batch.kubernetes.io/cronjob-scheduled-timestamp"];
    const conditions = (status["conditions"] ?? []) as {
        readonly type: string;
        readonly status: string;
        readonly reason?: string;
        readonly lastTransitionTime: string;
    }[];
    const end = conditions.find(
        ({ type, status: state }) => (type === "Complete" || type === "Failed") && state === "True",
    );
    return {
        name: metadata.name,
        scheduled: scheduled === undefined ? undefined : Date.parse(scheduled),
        created: Date.parse(metadata.creationTimestamp),
        ended: end === undefined ? undefined : Date.parse(end.lastTransitionTime),
        failure: end?.type === "Failed" ? (end.reason ?? "unknown") : undefined,
    };
}

/** Pairs of runs of which the second began before the first had ended. */
export function overlaps(runs: readonly Run[]): readonly string[] {
    return runs.flatMap((first, index) =>
        runs
            .slice(index + 1)
            .filter(({ created }) => created < (first.ended ?? Number.POSITIVE_INFINITY))
            .map(({ name }) => `${name} began during ${first.name}`),
    );
}

/** Minutes between the first and the last scheduled run for which there was none. */
export function missedMinutes(runs: readonly Run[]): readonly string[] {
    const minute = 60_000;
    const times = new Set(runs.flatMap(({ scheduled }) => scheduled ?? []));
    const missed: string[] = [];
    for (let time = Math.min(...times); time <= Math.max(...times); time += minute) {
        if (!times.has(time)) missed.push(new Date(time).toISOString());
    }
    return missed;
}
