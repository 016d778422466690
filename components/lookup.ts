/** Looks for objects that others make. */
import { execFile } from "node:child_process";
import type { ConfigError } from "../config/errors/index.ts";
import { inTurn, quote } from "../config/errors/commands.ts";
import type { KubectlAccess } from "../config/kubeconfig.ts";
import type { ObjectElsewhere } from "./objectsElsewhere.ts";

/** Nothing is there, or these keys; or why nobody knows. */
type Found = { readonly keys: readonly string[] | undefined } | { readonly problem: string };

/** Keys only: the values of Secrets do not get into this process, and so not into the state either. */
const template = '{{.metadata.name}}{{range $key, $value := .data}}{{"\\n"}}{{$key}}{{end}}';

/**
 * What is missing, all at once: kubectl asks for each object by its name, which takes the right to `get` it and no other. The
 * provider would take the values of a Secret into the state, and end with the first that is missing.
 * @returns `undefined` where there is no kubectl
 */
export async function findMissing(
    objects: readonly ObjectElsewhere[],
    access: KubectlAccess,
): Promise<readonly ConfigError[] | undefined> {
    const found = await Promise.all(objects.map((object) => find(object, access)));
    return found.includes(undefined)
        ? undefined
        : objects.flatMap((object, index) => errorOf(object, found[index]!) ?? []);
}

/** Whether there is a namespace; where nobody knows, there is. */
export async function hasNamespace(name: string, access: KubectlAccess): Promise<boolean> {
    const found = await find({ kind: "Namespace", name, keys: [], setting: "namespace" }, access);
    return found === undefined || "problem" in found || found.keys !== undefined;
}

function find({ kind, namespace, name }: ObjectElsewhere, { flags, input }: KubectlAccess): Promise<Found | undefined> {
    const place = namespace === undefined ? [] : ["--namespace", namespace];
    const form = ["--ignore-not-found", "--output", `go-template=${template}`, "--request-timeout", "30s"];
    const args = [...flags, "get", kind, name, ...place, ...form];
    // kubectl opens /dev/stdin, which has to be a pipe: what Node.js makes is a socket.
    const piped = ["-c", 'cat | kubectl "$@"', "kubectl", ...args];
    return new Promise((resolve) => {
        const child = execFile(
            input === undefined ? "kubectl" : "sh",
            input === undefined ? args : piped,
            (error, stdout, stderr) => {
                if (error === null) return resolve({ keys: stdout === "" ? undefined : stdout.split("\n").slice(1) });
                if (error.code === "ENOENT" || Number(error.code) === 127) return resolve(undefined);
                resolve({ problem: stderr.trim().split("\n").at(-1) || error.message });
            },
        );
        child.stdin?.on("error", () => undefined).end(input);
    });
}

function errorOf(object: ObjectElsewhere, found: Found): ConfigError | undefined {
    const { kind, namespace, name, setting: key } = object;
    const what = `the ${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
    if ("problem" in found)
        return {
            key,
            problem: `asks for ${what}, which cannot be read: ${found.problem}`,
            fix: `kubectl auth can-i get ${kind.toLowerCase()}/${name}${inNamespace(object)}`,
        };
    if (found.keys === undefined)
        return { key, problem: `asks for ${what}, which does not exist`, fix: creation(object) };
    const missing = object.keys.filter((each) => !found.keys!.includes(each));
    if (missing.length === 0) return undefined;
    const problem = `asks for ${missing.join(", ")} in ${what}, which ${missing.length === 1 ? "is" : "are"} missing`;
    const field = kind === "Secret" ? "stringData" : "data";
    const patch = JSON.stringify({ [field]: Object.fromEntries(missing.map((each) => [each, "<value>"])) });
    return {
        key,
        problem,
        fix: `kubectl patch ${kind.toLowerCase()} ${name}${inNamespace(object)} --patch ${quote(patch)}`,
    };
}

/** A command with a place for each value; what has the name of a file is read from one. */
function creation(object: ObjectElsewhere): string {
    const { kind, name, keys, forRegistry } = object;
    if (kind === "Namespace")
        return inTurn(
            `kubectl create namespace ${name}`,
            `kubectl label namespace ${name} pod-security.kubernetes.io/enforce=privileged`,
        );
    if (forRegistry === true) {
        const credentials = { server: "<registry>", username: "<user>", password: "<password>" };
        const flags = Object.entries(credentials).map(([key, value]) => `--docker-${key}=${quote(value)}`);
        return ["kubectl create secret docker-registry", `${name}${inNamespace(object)}`, ...flags].join(" ");
    }
    const values = (keys.length === 0 ? ["<key>"] : keys).map((key) =>
        key.includes(".") ? `--from-file ${quote(`${key}=<file>`)}` : `--from-literal ${quote(`${key}=<value>`)}`,
    );
    const type = kind === "Secret" ? "secret generic" : "configmap";
    return [`kubectl create ${type}`, `${name}${inNamespace(object)}`, ...values].join(" ");
}

function inNamespace({ namespace }: ObjectElsewhere): string {
    return namespace === undefined ? "" : ` --namespace ${namespace}`;
}
