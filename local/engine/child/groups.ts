import fs from "node:fs";
import path from "node:path";

/**
 * The modules of Kubernetes' API groups, for stand-ins: the provider's SDK loads all of them, a program uses a few. Each
 * makes its resources known when it is loaded, so that references to resources can be followed; this engine hands out
 * none, as it refuses what would return them (remote components, calls).
 * @param sdk requires as a file in the SDK's directory does
 */
export function apiGroups(sdk: NodeJS.Require): readonly string[] {
    let directory: string;
    try {
        directory = path.dirname(sdk.resolve("@pulumi/kubernetes"));
    } catch {
        return [];
    }
    return fs
        .readdirSync(directory)
        .map((group) => path.join(directory, group, "index.js"))
        .filter((file) => fs.existsSync(file));
}
