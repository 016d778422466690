import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FILE = "policy-config.json";

/**
 * The configuration of the policy `kubernetes` in the directory's `policy-config.json`; empty without such a file.
 * @throws Error that names the file when it is not JSON
 */
export function readOwnConfig(directory = ""): object {
    const file = join(directory, FILE);
    if (directory === "" || !existsSync(file)) return {};
    try {
        const config = JSON.parse(readFileSync(file, "utf8")) as { readonly kubernetes?: object };
        return config.kubernetes ?? {};
    } catch (error) {
        throw new Error(`${file} is not valid JSON: ${(error as Error).message}`, { cause: error });
    }
}
