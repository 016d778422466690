import { shortestPeriodSeconds } from "../cron.ts";
import { set } from "../errors/commands.ts";
import { invalid, type Rule, valid } from "./rule.ts";

/** Part of the period that the proposed deadline leaves for a run. */
const margin = 0.8;

/** What is wrong with a deadline of runs (seconds) that do not overlap: one that hangs must end before the next is due. */
export function endsBeforeNext(part: string, deadline: number, schedules: readonly string[]): ReturnType<Rule> {
    const periods = schedules.map((schedule) => ({ schedule, period: shortestPeriodSeconds(schedule) ?? Infinity }));
    const [{ schedule, period }] = periods.toSorted((a, b) => a.period - b.period) as [(typeof periods)[number]];
    const key = `${part}.activeDeadlineSeconds`;
    return deadline < period
        ? valid
        : invalid(
              key,
              `is ${deadline}, and the schedule ${schedule} starts a run every ${period} s: a hung run would block the next`,
              set(key, Math.floor(period * margin)),
          );
}
