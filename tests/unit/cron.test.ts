import { expect } from "chai";
import { everRuns, isCron, longestPeriodSeconds, meet, shortestPeriodSeconds } from "../../config/cron.ts";

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

describe("a cron expression", () => {
    const periods: Readonly<Record<string, number>> = {
        "* * * * *": minute,
        "*/5 * * * *": 5 * minute,
        "*/7 * * * *": 4 * minute,
        "0,1 * * * *": minute,
        "58 * * * *": hour,
        "0 */6 * * *": 6 * hour,
        "0 9-17 * * mon-fri": hour,
        "30 23,0 * * *": hour,
        "0 0 * * *": day,
        "0 0 1 * *": 28 * day,
        "0 0,23 * * 1": 23 * hour,
        "0 4 * * 1,3,4": day,
        "0 4 * * 1,4": 3 * day,
        "5/20 * * * *": 20 * minute,
        "1-10/3 * * * *": 3 * minute,
        "? ? ? ? ?": minute,
        "0 0 * JAN Sun": 7 * day,
        "@hourly": hour,
        "@daily": day,
        "@weekly": 7 * day,
        "@yearly": 365 * day,
    };
    for (const [expression, period] of Object.entries(periods)) {
        it(`${expression} runs every ${period} s at the most`, () => {
            expect(isCron(expression)).to.equal(true);
            expect(shortestPeriodSeconds(expression)).to.equal(period);
        });
    }

    const wrong = [
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 0 *",
        "* * * 13 *",
        "* * * * 7",
        "* * * * 1-7",
        "0 0 L * *",
        "0 0 * * 1#2",
        "*/70 * * * *",
        "*/0 * * * *",
        "*/00 * * * *",
        "5-1 * * * *",
        "a * * * *",
        "-1 * * * *",
        "1, * * * *",
        "* * * * mon-",
        "@reboot",
        "__proto__",
        "constructor",
        "TZ=UTC * * * * *",
    ];
    for (const expression of wrong) {
        it(`is not "${expression}"`, () => {
            expect(isCron(expression)).to.equal(false);
            expect(shortestPeriodSeconds(expression)).to.equal(undefined);
        });
    }

    it("that names a day which no month has never starts a run", () => {
        expect(everRuns("0 0 30 2 *")).to.equal(false);
        expect(everRuns("0 0 29 2 *")).to.equal(true);
        expect(shortestPeriodSeconds("0 0 30 2 *")).to.equal(undefined);
    });
});

describe("several cron expressions", () => {
    const periods: readonly (readonly [readonly string[], number])[] = [
        [["0 1 * * 0", "0 1 * * 1-6"], day],
        [["0 1 * * 0"], 7 * day],
        [["0 1 * * 0", "0 9-17 * * mon-fri"], 32 * hour],
        [["* * * * *", "0 0 1 * *"], minute],
        [["0 0 1 * *"], 31 * day],
    ];
    for (const [expressions, period] of periods)
        it(`${expressions.join(" and ")} leave ${period} s between two runs at the most`, () => {
            expect(longestPeriodSeconds(expressions)).to.equal(period);
        });

    const pairs: readonly (readonly [string, string, boolean])[] = [
        ["0 1 * * 0", "0 1 * * 1-6", false],
        ["0 1 * * 0", "0 1 * * *", true],
        ["0 1 13 * *", "0 1 * * fri", true],
        ["1-59/2 * * * *", "*/2 * * * *", false],
        ["@hourly", "0 3 * * 0", true],
        ["30 * * * *", "0 3 * * 0", false],
    ];
    for (const [one, other, is] of pairs)
        it(`${one} and ${other} ${is ? "" : "never "}start runs at the same time`, () => {
            expect([meet(one, other), meet(other, one)]).to.deep.equal([is, is]);
        });
});
