/** Whether what an update has begun is complete: the provider's word alone is not enough. */
import type { Report } from "../local/report.ts";
import type { Kubectl } from "./kubectl.ts";

const timeout = "180s";

/**
 * Waits for every Deployment and StatefulSet of a namespace, with `kubectl rollout status`: at most three minutes for
 * each, or until one exceeds its progress deadline. Prints kubectl's error for that one.
 *
 * `pulumi up` may end before. The provider can read a Deployment's status before the Deployment controller has updated it
 * (`status.observedGeneration` is behind `metadata.generation`) and take the rollout for complete. An update without a
 * change does not look at pods at all.
 */
export async function haveRolledOut(kubectl: Kubectl, namespace: string, report: Report): Promise<boolean> {
    return report.step("Waiting for the pods", async (note) => {
        const names = await kubectl(["get", "deployments,statefulsets", "-n", namespace, "-o", "name"]);
        for (const name of names.split("\n").filter((each) => each !== "")) {
            note(name);
            try {
                await kubectl(["rollout", "status", name, "-n", namespace, `--timeout=${timeout}`]);
            } catch (error) {
                report.warn((error as Error).message);
                return false;
            }
        }
        return true;
    });
}
