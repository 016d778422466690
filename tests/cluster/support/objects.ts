/** Objects made and removed by tests themselves. */
import { createReport } from "../../../local/report.ts";
import { ensureTools } from "../../../local/tools/index.ts";
import { command } from "./commands.ts";

/** Creates, applies or deletes objects with kubectl. Fails with its words. */
export async function onCluster(
    verb: "create" | "apply" | "delete",
    items: readonly object[],
    ...options: string[]
): Promise<void> {
    const tools = await ensureTools(["kubectl"], createReport());
    const input = JSON.stringify({ apiVersion: "v1", kind: "List", items });
    const { code, stderr } = await command(tools.kubectl, [verb, "-f", "-", ...options], { input });
    if (code !== 0) throw new Error(`kubectl could not ${verb} all objects: ${stderr}`);
}
