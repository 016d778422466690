/** What can be known of the kubeconfig without asking a cluster. A preview takes one that leads nowhere. */
import { readFileSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { remove, set } from "./errors/commands.ts";
import type { ConfigError } from "./errors/index.ts";
import { nearest } from "./errors/names.ts";
import type { Settings } from "./schema.ts";
import { isObject, type JsonObject } from "./values.ts";
import { parseYaml } from "./yaml.ts";

/** Errors of `kubeconfig` and `context`. Without the first, those of $KUBECONFIG or ~/.kube/config count, if there are any. */
export function kubeconfigErrors({
    kubeconfig,
    context,
}: Pick<Settings, "kubeconfig" | "context">): readonly ConfigError[] {
    if (kubeconfig === undefined && context === undefined) return [];
    const texts = kubeconfig === undefined ? defaultTexts() : textOf(kubeconfig);
    if (texts === undefined) {
        const problem = "is neither a file nor the text of a kubeconfig";
        return [{ key: "kubeconfig", problem, fix: set("kubeconfig", "<path>") }];
    }
    const files = texts.map(read);
    if (files.includes(undefined)) {
        const key = kubeconfig === undefined ? "context" : "kubeconfig";
        const problem =
            kubeconfig === undefined ? "needs a kubeconfig, and the one of this machine is not YAML" : "is not YAML";
        return [{ key, problem, fix: kubeconfig === undefined ? remove(key) : set(key, "<path>") }];
    }
    const names = files.flatMap((file) => contextsOf(file!));
    if (context !== undefined) return names.length === 0 && texts.length === 0 ? [] : contextErrors(context, names);
    const current = files
        .map((file) => file!["current-context"])
        .find((name) => typeof name === "string" && name !== "");
    if (current !== undefined) return [];
    const problem = "is missing: the kubeconfig has no current context";
    return [{ key: "context", problem, fix: set("context", names.length === 1 ? names[0]! : "<context>") }];
}

/** How kubectl reaches the cluster that the provider reaches. */
export interface KubectlAccess {
    readonly flags: readonly string[];
    /** Standard input: a kubeconfig that is no file. */
    readonly input: string | undefined;
}

export function kubectlAccess({ kubeconfig, context }: Pick<Settings, "kubeconfig" | "context">): KubectlAccess {
    const file = kubeconfig === undefined ? undefined : withHome(kubeconfig);
    const isText = file !== undefined && !isFile(file);
    return {
        flags: [
            ...(file === undefined ? [] : ["--kubeconfig", isText ? "/dev/stdin" : file]),
            ...(context === undefined ? [] : ["--context", context]),
        ],
        input: isText ? kubeconfig : undefined,
    };
}

function contextErrors(context: string, names: readonly string[]): readonly ConfigError[] {
    if (names.includes(context)) return [];
    const problem = `is ${context}, and the kubeconfig has ${names.length === 0 ? "no context" : `only ${names.join(", ")}`}`;
    return [{ key: "context", problem, fix: set("context", nearest(context, names) ?? "<context>") }];
}

/** As the provider takes it: the path of a file that exists, else the text itself. */
function textOf(kubeconfig: string): readonly string[] | undefined {
    const file = withHome(kubeconfig);
    if (isFile(file)) return [readFileSync(file, "utf8")];
    return /[\n{]/.test(kubeconfig) ? [kubeconfig] : undefined;
}

/** A path that may begin with `~/`, as the provider takes it. */
export function withHome(file: string): string {
    return file.replace(/^~(?=\/)/, os.homedir());
}

function isFile(file: string): boolean {
    return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

function defaultTexts(): readonly string[] {
    const given = (process.env["KUBECONFIG"] ?? "").split(path.delimiter).filter((file) => file !== "");
    const files = given.length > 0 ? given : [path.join(os.homedir(), ".kube/config")];
    return files.filter(isFile).map((file) => readFileSync(file, "utf8"));
}

function read(text: string): JsonObject | undefined {
    try {
        const content = parseYaml(text);
        return isObject(content) ? content : undefined;
    } catch {
        return undefined;
    }
}

function contextsOf({ contexts }: JsonObject): readonly string[] {
    return Array.isArray(contexts)
        ? contexts.flatMap((entry: unknown) =>
              isObject(entry) && typeof entry["name"] === "string" ? [entry["name"]] : [],
          )
        : [];
}
