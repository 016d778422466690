/** Has the cause of each alert do its work, and looks whether the alert comes and goes with it. */
import type { AlertName } from "../../../config/monitoring.ts";
import type { Causes, Sought } from "./causes.ts";
import { eventually } from "./commands.ts";
import { type Cause, everywhere } from "./dataCauses.ts";
import type { Firing, Watch } from "./prometheus.ts";

/** What was seen of an alert: seconds until it fired from when its cause began, and until it was gone from when that ended. */
export interface Seen {
    readonly firing: Firing;
    readonly fired: number;
    readonly gone: number;
}

/** What is done while an alert fires. */
export type During = Readonly<Partial<Record<AlertName, (firing: Firing) => Promise<void>>>>;

interface Trial extends Sought {
    readonly name: AlertName;
    seen: Partial<Seen>;
    problem?: unknown;
}

/** Longest wait, in seconds: a backup is too old after more than two minutes. */
const patience = 240;

/**
 * Begins all causes, each when the earlier ones of its places are over. Each alert has a promise of what was seen of it, by
 * each of its labels; where one fails, the others go on.
 */
export function tryOut(
    watch: Watch,
    causes: Causes,
    during: During = {},
): Readonly<Record<AlertName, Promise<readonly Seen[]>>> {
    const trials = (Object.entries(causes) as [AlertName, Sought | readonly Sought[]][]).flatMap(([name, sought]) =>
        [sought].flat().map((one: Sought): Trial => ({ ...one, name, seen: {} })),
    );
    const results = new Map<Cause, Promise<void>>();
    for (const cause of new Set(trials.map((trial) => trial.cause))) {
        const earlier = [...results].filter(([{ places }]) => places.some((place) => isIn(place, cause)));
        const own = trials.filter((trial) => trial.cause === cause);
        const begun = Promise.allSettled(earlier.map(([, result]) => result));
        results.set(cause, handled(begun.then(() => tryCause(watch, cause, own, during))));
    }
    const of = async (name: AlertName): Promise<readonly Seen[]> => {
        const own = trials.filter((trial) => trial.name === name);
        for (const { cause } of own) await results.get(cause);
        for (const { problem } of own) if (problem !== undefined) throw problem as Error;
        return own.map(({ seen }) => seen as Seen);
    };
    const names = Object.keys(causes) as AlertName[];
    return Object.fromEntries(names.map((name) => [name, handled(of(name))])) as never;
}

function isIn(place: string, { places }: Cause): boolean {
    return places.includes(place) || places.includes(everywhere);
}

/** Nobody waits yet for a failure that comes early. */
function handled<T>(promise: Promise<T>): Promise<T> {
    promise.catch(() => undefined);
    return promise;
}

async function tryCause(watch: Watch, cause: Cause, trials: readonly Trial[], during: During): Promise<void> {
    const each = (look: (trial: Trial) => Promise<void>): Promise<unknown> => {
        const good = trials.filter(({ problem }) => problem === undefined);
        return Promise.all(good.map((trial) => look(trial).catch((error: unknown) => (trial.problem = error))));
    };
    try {
        await cause.prepare?.();
        await each(async (trial) => void (await timed(watch, false, trial)));
        const looking = each(async (trial) => {
            const { found, seconds } = await timed(watch, true, trial);
            trial.seen = { firing: found[0]!, fired: seconds };
            await during[trial.name]?.(found[0]!);
        });
        await Promise.all([cause.create(), looking]);
        await cause.remove();
        await each(async (trial) => {
            trial.seen = { ...trial.seen, gone: (await timed(watch, false, trial)).seconds };
        });
    } catch (error) {
        await Promise.resolve()
            .then(() => cause.remove())
            .catch(() => undefined);
        throw error;
    } finally {
        await cause.close?.();
    }
}

/** Waits until an alert is there, or is not. */
async function timed(watch: Watch, isThere: boolean, { name, labels = {}, lasting = 0 }: Trial) {
    const start = performance.now();
    const looked = eventually(patience, async () => {
        const latest = isThere ? Date.now() - lasting * 1000 : Infinity;
        const found = (await watch.alerts()).filter(
            (alert) =>
                alert.labels["alertname"] === name &&
                Object.entries(labels).every(([label, value]) => fits(alert.labels[label], value)) &&
                Date.parse(alert.startsAt) <= latest,
        );
        return found.length > 0 === isThere ? found : undefined;
    });
    const found = await looked.catch((error: Error) => {
        throw new Error(`${name} ${isThere ? "did not fire" : "fires"}: ${error.message}`);
    });
    return { found, seconds: Math.round((performance.now() - start) / 1000) };
}

function fits(label = "", value: string | RegExp): boolean {
    return typeof value === "string" ? label === value : value.test(label);
}
