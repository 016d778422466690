/** An npm registry on 127.0.0.1 that tests publish to: Verdaccio, with no other registry behind it. */
import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
    closeSync,
    cpSync,
    existsSync,
    mkdirSync,
    openSync,
    readFileSync,
    renameSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { home } from "../../local/home.ts";
import { createReport } from "../../local/report.ts";
import { withLock } from "../../local/tools/lock.ts";
import { root } from "./configuration.ts";

const source = path.join(root, "tests/fixtures/registry");
const files = ["package.json", "package-lock.json", "server.js"];

export interface Registry {
    readonly url: string;
    /** What its one user signs in with. */
    readonly token: string;
    stop(): Promise<void>;
}

/**
 * The directory with Verdaccio, installed first where it is missing. It is no dependency of this repository, so that only
 * those who run this test install it; it stays for all work trees until its lock file is another one.
 */
async function install(): Promise<string> {
    const hash = createHash("sha256");
    for (const file of files) hash.update(readFileSync(path.join(source, file)));
    const place = path.join(home(), "registry", hash.digest("hex").slice(0, 12));
    const work = async (): Promise<void> => {
        if (existsSync(place)) return;
        const unfinished = `${place}.${process.pid}`;
        try {
            for (const file of files) cpSync(path.join(source, file), path.join(unfinished, file));
            await createReport().step("Installing Verdaccio, a registry to publish to (65 MB, once)", () =>
                execa("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: unfinished }),
            );
            renameSync(unfinished, place);
        } finally {
            rmSync(unfinished, { recursive: true, force: true });
        }
    };
    if (!existsSync(place)) await withLock(`${place}.lock`, work);
    return place;
}

/** Starts an empty registry with one user, which keeps everything in a new directory. It ends with this process at the latest. */
export async function startRegistry(directory: string): Promise<Registry> {
    const program = path.join(await install(), "server.js");
    mkdirSync(directory);
    const log = path.join(directory, "log");
    const output = openSync(log, "a");
    const server = fork(program, [directory], { execArgv: [], stdio: ["ignore", output, output, "ipc"] });
    closeSync(output);
    const ended = once(server, "exit");
    const stop = async () => {
        server.kill();
        await ended;
    };
    try {
        const [port] = (await Promise.race([
            once(server, "message"),
            ended.then(() => Promise.reject(new Error(`Verdaccio ended: ${readFileSync(log, "utf8")}`))),
        ])) as [number];
        const url = `http://127.0.0.1:${port}/`;
        const name = "publisher";
        const answer = await fetch(`${url}-/user/org.couchdb.user:${name}`, {
            method: "PUT",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ name, password: crypto.randomUUID() }),
        });
        const { token } = (await answer.json()) as { readonly token?: string };
        if (token === undefined) throw new Error(`Verdaccio makes no user: ${answer.status}`);
        return { url, token, stop };
    } catch (error) {
        await stop();
        throw error;
    }
}

/**
 * Variables for npm, which then asks this registry alone, signed in or not, and keeps its cache in the directory. Nothing
 * comes from the machine's or the user's settings: they may name another registry, and whoever may publish there.
 */
export function npmVariables({ url }: Registry, directory: string, token?: string): NodeJS.ProcessEnv {
    const settings = path.join(directory, `npmrc-${crypto.randomUUID()}`);
    writeFileSync(settings, token === undefined ? "" : `${url.replace(/^http:/, "")}:_authToken=${token}\n`);
    const others = Object.keys(process.env).filter((name) => /^(npm_config_|ACTIONS_|GITHUB_|CI$)/i.test(name));
    return {
        ...Object.fromEntries(others.map((name) => [name, undefined])),
        npm_config_userconfig: settings,
        npm_config_globalconfig: os.devNull,
        npm_config_registry: url,
        npm_config_cache: path.join(directory, "cache"),
        npm_config_noproxy: "127.0.0.1",
        npm_config_audit: "false",
        npm_config_update_notifier: "false",
    };
}
