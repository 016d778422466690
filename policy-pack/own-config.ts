import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { isTree } from "./model/view.ts";

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

/**
 * The environment that a stack's file in the directory names (`<project>:environment`); `undefined` where it names none.
 * The engine tells a pack the stack's name, and the SDK of packs does not pass its configuration on.
 */
export function readEnvironment(directory = "", stack = ""): string | undefined {
    const file = join(directory, `Pulumi.${stack}.yaml`);
    if (directory === "" || stack === "" || !existsSync(file)) return undefined;
    const content: unknown = parse(readFileSync(file, "utf8"), { logLevel: "silent" });
    const config = isTree(content) && isTree(content["config"]) ? content["config"] : {};
    const value = Object.entries(config).find(([key]) => /(^|:)environment$/.test(key))?.[1];
    return typeof value === "string" ? value : undefined;
}
