/** Causes in the data services and in what asks them: slow and failing queries, memory and connections that are used up. */
import { eventually, type KubeObject, serviceUrl } from "./commands.ts";
import { begin, end, redis, sql } from "./databases.ts";
import { Load } from "./load.ts";
import type { Watch } from "./prometheus.ts";
import { podsOf } from "./tradestream.ts";

/** The place of a cause that disturbs all others. */
export const everywhere = "everywhere";

export interface Cause {
    /** Causes of the same place disturb each other: one begins when the other is over. */
    readonly places: readonly string[];
    /** What has to be there before: the alerts do not fire with it alone. */
    readonly prepare?: () => Promise<unknown>;
    readonly create: () => Promise<unknown>;
    readonly remove: () => Promise<unknown>;
    readonly close?: () => Promise<unknown>;
}

/** Steady requests, which begin with a cause and end when it is over. */
function load(path: string, workers: number) {
    let running: Load | undefined;
    return {
        start: async () => {
            const url = await serviceUrl("tradestream-gateway-api");
            running = await Load.start({ url, freshPath: path, keptPath: path, workers, pause: 200 });
        },
        stop: async () => running?.stop(),
    };
}

/** What requests need that ask both. */
const data = ["answers", "redis", "connections"];
const hide = "alter table signals rename to signals_away";
const show = "alter table signals_away rename to signals";

/**
 * Requests of which one or two in a thousand have failed: more than the objective allows. Many that succeed bring it down
 * again; else that would take as long as the longest window.
 */
export function failingSeldom(watch: Watch): Cause {
    const [few, many] = [load("/api/work?ms=1", 2), load("/api/work?ms=1", 8)];
    return {
        places: ["answers"],
        prepare: few.start,
        create: async () => {
            await sql(hide);
            const pods = await podsOf("gateway-api");
            const fail = ({ status }: KubeObject) => fetch(`http://${String(status["podIP"])}:8000/api/status`);
            await Promise.all(pods.map(fail));
            // The first of a pod begins its series; only what follows is an increase.
            await eventually(60, async () =>
                (await watch.query('gateway_requests_total{code="503"}')).length >= pods.length ? true : undefined,
            );
            await Promise.all(pods.map(fail));
            await sql(show);
        },
        remove: many.start,
        close: () => Promise.all([few.stop(), many.stop()]),
    };
}

/** A table that is not there. */
export function failingAlways(): Cause {
    const { start, stop } = load("/api/status", 8);
    return { places: data, prepare: start, create: () => sql(hide), remove: () => sql(show), close: stop };
}

/** Queries that take so long that requests wait for a connection of the pool. */
export function slowQueries(): Cause {
    const { start, stop } = load("/api/status", 12);
    const slow = "create view signals as select true from pg_sleep(0.8); grant select on signals to public";
    return {
        places: data,
        prepare: start,
        create: () => sql(`${hide}; ${slow}`),
        remove: () => sql(`drop view signals; ${show}`),
        close: stop,
    };
}

const entries = 330;
export const fullRedis: Cause = {
    places: ["redis"],
    create: () => {
        const script = `for i = 1, ${entries} do redis.call('set', 'fill:' .. i, string.rep('x', 98000)) end`;
        return redis("eval", script, "0");
    },
    remove: () => redis("eval", `for i = 1, ${entries} do redis.call('del', 'fill:' .. i) end`, "0"),
};

/** One session that has opened many others: more than the alert allows, and some are left for backups and for its end. */
export const manyConnections: Cause = {
    places: data,
    create: async () => {
        const numbers = "select current_setting('max_connections'), sum(numbackends) - 1 from pg_stat_database";
        const [most, open] = (await sql(numbers)).split("|").map(Number);
        const to =
            "format('host=%s user=%s dbname=%s', current_setting('unix_socket_directories'), user, current_database())";
        const connected = `select dblink_connect('many' || n, ${to}) from generate_series(1, ${Math.floor(most! * 0.93) - open!}) n`;
        await begin("many", `create extension dblink; ${connected}`);
    },
    remove: () => end("many"),
};
