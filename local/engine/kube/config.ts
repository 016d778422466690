/** Reads a kubeconfig and says how to reach and to convince the API server. */
import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { EngineError, messageOf } from "../errors.ts";
import { isObject } from "../values.ts";

/** What a provider resource or the command line says about the cluster; everything else comes from the kubeconfig. */
export interface ClusterChoice {
    /** A path, or the contents themselves; default: `$KUBECONFIG`, else `~/.kube/config`. */
    readonly kubeconfig?: string;
    readonly context?: string;
    readonly cluster?: string;
}

/** How to talk to one API server. */
export interface ClusterAccess {
    readonly server: URL;
    readonly contextName: string;
    /** The context's namespace, else `default`. */
    readonly namespace: string;
    readonly tls: Tls;
    /** Headers that authenticate; asked for each request, since tokens expire. */
    headers(): Promise<Readonly<Record<string, string>>>;
    /** The files that were read, or the contents that were given in place of files. */
    readonly source: { readonly files: readonly string[] } | { readonly text: string };
}

export interface Tls {
    readonly ca?: string | Buffer;
    readonly cert?: string | Buffer;
    readonly key?: string | Buffer;
    readonly servername?: string;
    readonly rejectUnauthorized: boolean;
}

type Entry = Record<string, unknown>;

/** Throws an {@link EngineError} that says what is missing in which kubeconfig. */
export function loadCluster(choice: ClusterChoice): ClusterAccess {
    const { config, source, where, directory } = read(choice.kubeconfig);
    const contextName = choice.context ?? (text(config["current-context"]) || undefined);
    if (contextName === undefined) throw new EngineError(`${where}: no current-context; name one with --context`);
    const context = named(config, "contexts", "context", contextName);
    if (context === undefined) {
        const known = names(config, "contexts").join(", ") || "none";
        throw new EngineError(`${where}: no context "${contextName}"; there are: ${known}`);
    }
    const clusterName = choice.cluster ?? text(context["cluster"]);
    const cluster = named(config, "clusters", "cluster", clusterName);
    const server = text(cluster?.["server"]);
    if (cluster === undefined || server === "")
        throw new EngineError(`${where}: cluster "${clusterName}" has no server`);
    const user = named(config, "users", "user", text(context["user"])) ?? {};
    const file = (entry: Entry, key: string): Buffer | undefined => contentsOf(entry, key, directory, where);
    const ca = file(cluster, "certificate-authority");
    const cert = file(user, "client-certificate");
    const key = file(user, "client-key");
    const servername = text(cluster["tls-server-name"]);
    return {
        server: new URL(server),
        contextName,
        namespace: text(context["namespace"]) || "default",
        tls: {
            ...(ca && { ca }),
            ...(cert && { cert }),
            ...(key && { key }),
            ...(servername !== "" && { servername }),
            rejectUnauthorized: cluster["insecure-skip-tls-verify"] !== true,
        },
        headers: authentication(user, where, directory),
        source,
    };
}

function read(given: string | undefined): {
    config: Entry;
    source: ClusterAccess["source"];
    where: string;
    directory: string;
} {
    if (given !== undefined && /^\s*(\{|[A-Za-z-]+:\s)/.test(given)) {
        return {
            config: parseConfig(given, "the provider's kubeconfig"),
            source: { text: given },
            where: "the provider's kubeconfig",
            directory: ".",
        };
    }
    const files = (given ?? (process.env["KUBECONFIG"] || path.join(os.homedir(), ".kube", "config")))
        .split(path.delimiter)
        .filter((file) => file !== "")
        .map((file) => path.resolve(file.replace(/^~(?=\/)/, os.homedir())));
    const existing = files.filter((file) => fs.existsSync(file));
    const where = files.join(path.delimiter);
    if (existing.length === 0) {
        throw new EngineError(
            `no kubeconfig at ${where}: start the local cluster, or give one with --kubeconfig or KUBECONFIG`,
        );
    }
    const parts = existing.map((file) => parseConfig(fs.readFileSync(file, "utf8"), file));
    const merged: Entry = {};
    for (const part of parts) {
        for (const [key, value] of Object.entries(part)) {
            if (Array.isArray(value) && Array.isArray(merged[key]))
                merged[key] = [...(merged[key] as unknown[]), ...(value as unknown[])];
            else if (merged[key] === undefined || merged[key] === "") merged[key] = value;
        }
    }
    return { config: merged, source: { files: existing }, where, directory: path.dirname(existing[0] ?? ".") };
}

function parseConfig(content: string, where: string): Entry {
    let config: unknown;
    try {
        config = parse(content);
    } catch (error) {
        throw new EngineError(`${where} is not valid YAML: ${messageOf(error).split("\n")[0]}`);
    }
    if (!isObject(config)) throw new EngineError(`${where} is not a kubeconfig`);
    return config;
}

function text(value: unknown): string {
    return typeof value === "string" ? value : "";
}

function entries(config: Entry, list: string): Entry[] {
    return Array.isArray(config[list]) ? config[list].filter(isObject) : [];
}

function names(config: Entry, list: string): string[] {
    return entries(config, list).map((entry) => text(entry["name"]));
}

function named(config: Entry, list: string, key: string, name: string): Entry | undefined {
    const entry = entries(config, list).find((candidate) => candidate["name"] === name)?.[key];
    return isObject(entry) ? entry : undefined;
}

function contentsOf(entry: Entry, key: string, directory: string, where: string): Buffer | undefined {
    const data = text(entry[`${key}-data`]);
    if (data !== "") return Buffer.from(data, "base64");
    const file = text(entry[key]);
    if (file === "") return undefined;
    try {
        return fs.readFileSync(path.resolve(directory, file));
    } catch (error) {
        throw new EngineError(`${where}: ${key}: ${messageOf(error)}`);
    }
}

function authentication(
    user: Entry,
    where: string,
    directory: string,
): () => Promise<Readonly<Record<string, string>>> {
    const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
    const token = text(user["token"]);
    if (token !== "") return () => Promise.resolve(bearer(token));
    const tokenFile = text(user["tokenFile"]);
    if (tokenFile !== "") {
        return async () => bearer((await fs.promises.readFile(path.resolve(directory, tokenFile), "utf8")).trim());
    }
    const username = text(user["username"]);
    if (username !== "") {
        const basic = Buffer.from(`${username}:${text(user["password"])}`).toString("base64");
        return () => Promise.resolve({ authorization: `Basic ${basic}` });
    }
    if (isObject(user["exec"])) return execAuthentication(user["exec"], where);
    if (user["auth-provider"] !== undefined) {
        throw new EngineError(`${where}: auth-provider is not supported; use an exec credential plugin`);
    }
    return () => Promise.resolve({});
}

/** Asks a credential plugin, and keeps its token until it expires. */
function execAuthentication(exec: Entry, where: string): () => Promise<Readonly<Record<string, string>>> {
    const command = text(exec["command"]);
    let cached: { token: string; expires: number } | undefined;
    return async () => {
        if (cached === undefined || cached.expires < Date.now() + 10_000) {
            const variables = Array.isArray(exec["env"]) ? exec["env"].filter(isObject) : [];
            const info = { apiVersion: exec["apiVersion"], kind: "ExecCredential", spec: { interactive: false } };
            const env = {
                ...process.env,
                ...Object.fromEntries(variables.map((variable) => [text(variable["name"]), text(variable["value"])])),
                KUBERNETES_EXEC_INFO: JSON.stringify(info),
            };
            const args = Array.isArray(exec["args"]) ? exec["args"].map(String) : [];
            let status: unknown;
            try {
                const { stdout } = await promisify(execFile)(command, args, { env });
                status = (JSON.parse(stdout) as Entry)["status"];
            } catch (error) {
                throw new EngineError(`${where}: credential plugin ${command} failed: ${messageOf(error)}`);
            }
            if (!isObject(status) || text(status["token"]) === "") {
                throw new EngineError(`${where}: credential plugin ${command} gave no token`);
            }
            const expires = Date.parse(text(status["expirationTimestamp"]));
            cached = { token: text(status["token"]), expires: Number.isNaN(expires) ? Infinity : expires };
        }
        return { authorization: `Bearer ${cached.token}` };
    };
}
