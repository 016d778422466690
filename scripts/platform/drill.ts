/** The command `drill`. */
import type { Report } from "../../local/report.ts";
import { runDrill } from "../drills/index.ts";
import { recordsFile } from "../drills/records.ts";
import type { DrillName } from "../drills/table.ts";
import { kubectlFor } from "../kubectl.ts";
import { checkCluster } from "./stack.ts";
import { isConfirmed, placeOf, siteOf } from "./stacks.ts";

/**
 * Runs a drill on a stack, after a question unless `yes`, and prints what came of it. Returns 0 when the stack has recovered
 * within the target, else 1.
 * @throws before anything is touched
 */
export async function drillStack(
    name: DrillName,
    stack: string,
    options: {
        readonly context?: string;
        readonly yes?: boolean;
        readonly url?: string;
        readonly target?: number;
        readonly record?: string;
    },
    report: Report,
): Promise<number> {
    const { context, yes, url, target, record } = options;
    if (yes !== true && !process.stdin.isTTY) throw new Error("nobody is there to be asked: --yes goes on without");
    const place = placeOf(stack, context);
    const kubectl = await kubectlFor(place, report);
    await checkCluster(kubectl, place.clusterUid);
    const site = () => siteOf(stack, context, report);
    const { met, said } = await runDrill(
        name,
        { ...place, stack, kubectl, site },
        {
            ...(url !== undefined && { url }),
            ...(target !== undefined && { targetSeconds: target }),
            file: record ?? recordsFile(),
            confirm: () => (yes === true ? Promise.resolve(true) : isConfirmed(stack)),
        },
        report,
    );
    process.stdout.write(`${said}\n`);
    return met ? 0 : 1;
}
