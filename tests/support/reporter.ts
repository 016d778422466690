/** Mocha's spec reporter, which also writes its counts to $MOCHA_COUNTS for the runner of all suites. */
import { writeFileSync } from "node:fs";
import Mocha from "mocha";

export default class CountingReporter extends Mocha.reporters.Spec {
    public constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
        super(runner, options);
        runner.once("end", () => {
            const file = process.env["MOCHA_COUNTS"];
            if (file !== undefined) {
                const { passes, failures, pending } = this.stats;
                writeFileSync(file, JSON.stringify({ passed: passes, failed: failures, skipped: pending }));
            }
        });
    }
}
