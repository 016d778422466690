/** Finds the helm program. */
import { accessSync, constants } from "node:fs";
import path from "node:path";
import { createReport } from "../local/report.ts";
import { ensureTools } from "../local/tools/index.ts";

/**
 * Path of helm: `$HELM`, else `helm` on the PATH, else the one built from its pinned module (minutes, the first time).
 * @throws Error when it has to be built and Go is missing
 */
export async function helmProgram(): Promise<string> {
    const given = process.env["HELM"];
    if (given !== undefined && given !== "") return given;
    const directories = (process.env["PATH"] ?? "").split(path.delimiter).filter((directory) => directory !== "");
    const found = directories.map((directory) => path.join(directory, "helm")).find(isExecutable);
    return found ?? (await ensureTools(["helm"], createReport())).helm;
}

function isExecutable(file: string): boolean {
    try {
        accessSync(file, constants.X_OK);
        return true;
    } catch {
        return false;
    }
}
