import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FILE = "policy-config.json";

/**
 * The configuration of the policy `kubernetes` in the `policy-config.json` of the first directory that has one, else an
 * empty one.
 * @throws Error that names the file when it is not JSON
 */
export function readOwnConfig(directories: readonly string[]): object {
    const file = directories.map((directory) => join(directory, FILE)).find((path) => existsSync(path));
    if (file === undefined) return {};
    try {
        const config = JSON.parse(readFileSync(file, "utf8")) as { readonly kubernetes?: object };
        return config.kubernetes ?? {};
    } catch (error) {
        throw new Error(`${file} is not valid JSON: ${(error as Error).message}`, { cause: error });
    }
}
