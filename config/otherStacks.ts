/** The other stacks of the project: what their files say in plain text. */
import { readdirSync, readFileSync } from "node:fs";
import { webServices } from "./services/index.ts";
import { isObject, valueAt } from "./values.ts";
import { parseYaml } from "./yaml.ts";

/** Another stack of the project. */
export interface OtherStack {
    readonly name: string;
    readonly environment: unknown;
    /** Public host names that it serves. */
    readonly hosts: ReadonlySet<string>;
}

/** The stacks with a file in the working directory, without one of them. What is no stack file is left out. */
export function otherStacks(project: string, stack: string): readonly OtherStack[] {
    return readdirSync(".").flatMap((file) => {
        const [, name] = /^Pulumi\.(.+)\.yaml$/.exec(file) ?? [];
        const config = name === undefined || name === stack ? undefined : read(file);
        if (name === undefined || !isObject(config)) return [];
        const at = (key: string, ...path: readonly string[]): unknown =>
            valueAt(config[`${project}:${key}`] ?? config[key], path);
        const hosts = webServices.flatMap((service) => listOf(at(service, "ingress", "hosts")));
        return [{ name, environment: at("environment"), hosts: new Set(hosts) }];
    });
}

function listOf(hosts: unknown): readonly string[] {
    return Array.isArray(hosts) ? hosts.map((entry) => String(valueAt(entry, ["host"]))) : [];
}

function read(file: string): unknown {
    try {
        return valueAt(parseYaml(readFileSync(file, "utf8")), ["config"]);
    } catch {
        return undefined; // The CLI says what is wrong with it.
    }
}
