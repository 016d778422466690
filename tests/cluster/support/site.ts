/** A test's stack as `npm run deploy` and `npm run rotate` see it: the stack file, the repository and the cluster. */
import type { Site } from "../../../scripts/deploy/index.ts";
import { kubectlFor } from "../../../scripts/kubectl.ts";
import { silent } from "../../support/reports.ts";
import type { TestStack } from "./pulumi.ts";
import { namespace } from "./tradestream.ts";

/** @param directory where the repository is, as the commit in it is what is deployed */
export async function siteOf(stack: TestStack, directory: string): Promise<Site> {
    return {
        command: { ...stack.command(), cwd: directory },
        stackFile: stack.stack.configFile,
        kubectl: await kubectlFor({ env: {}, context: undefined }, silent),
        namespace,
        releaseName: "tradestream",
        output: "pipe",
    };
}
