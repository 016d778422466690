/**
 * Mocha's spec reporter, which also writes its counts, what failed and how long each outermost `describe` took to $MOCHA_COUNTS
 * for the runner of all suites.
 */
import { writeFileSync } from "node:fs";
import Mocha from "mocha";

export default class CountingReporter extends Mocha.reporters.Spec {
    public constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
        super(runner, options);
        const failures: string[] = [];
        runner.on("fail", (test, error: Error) => {
            const reason = brief(error.message);
            failures.push(`${test.fullTitle()}: ${reason}`);
            // The whole follows at the end, which is far away in a long suite.
            process.stdout.write(`       ${reason}\n`);
        });
        const seconds: Record<string, number> = {};
        let began = 0;
        const isOutermost = ({ parent }: Mocha.Suite): boolean => parent?.root === true;
        runner.on("suite", (suite) => {
            if (isOutermost(suite)) began = performance.now();
        });
        runner.on("suite end", (suite) => {
            if (isOutermost(suite)) seconds[suite.title] = Math.round((performance.now() - began) / 1000);
        });
        runner.once("end", () => {
            const file = process.env["MOCHA_COUNTS"];
            if (file !== undefined) {
                const { passes: passed, failures: failed, pending: skipped } = this.stats;
                writeFileSync(file, JSON.stringify({ passed, failed, skipped, failures, seconds }));
            }
        });
    }
}

/** Half of the most characters that a summary has of one failure: what was expected is at the beginning, what a program said at the end. */
const half = 600;

function brief(message: string): string {
    const text = message.trim();
    return text.length <= 2 * half ? text : `${text.slice(0, half)} … ${text.slice(-half)}`;
}
