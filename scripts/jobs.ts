/** Jobs that scripts start. */
import type { Kubectl } from "./kubectl.ts";
import { hasCondition, type KubeObject } from "./status/objects.ts";

/** @param kubectl in the Job's namespace */
export async function stateOf(kubectl: Kubectl, job: string): Promise<"running" | "succeeded" | "failed"> {
    const found = JSON.parse(await kubectl(["get", job, "-o", "json"])) as KubeObject;
    return hasCondition(found, "Complete") ? "succeeded" : hasCondition(found, "Failed") ? "failed" : "running";
}

/** What it printed last; nothing where there is no log. */
export function lastLines(kubectl: Kubectl, job: string): Promise<string> {
    return kubectl(["logs", job, "--tail=10"]).catch(() => "");
}

/** The time, for names. */
export function stamp(): string {
    return new Date().toISOString().replace(/\D/g, "").slice(2, 14);
}
