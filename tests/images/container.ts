/**
 * Runs an image as Kubernetes would under the "restricted" standard: read-only root, no capability, no new privileges,
 * any user. It is done with runc alone, on the machine's network, so that no cluster is needed to test an image.
 */
import { execFile, execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { ImageConfig } from "../../local/images/catalogue.ts";

const execute = promisify(execFile);

export interface ContainerOptions {
    readonly env?: Readonly<Record<string, string>>;
    /** Arguments of the image's entry point. */
    readonly args?: readonly string[];
    /** Program and arguments in place of both, as a pod's `command`. */
    readonly program?: readonly string[];
    readonly user?: number;
    /** Directories of this machine that are mounted writable: path in the container → path here. */
    readonly volumes?: Readonly<Record<string, string>>;
    /** Paths with an empty writable memory disk, beside /tmp. */
    readonly scratch?: readonly string[];
}

export interface Ended {
    /** Exit code. */
    readonly code: number;
    /** Everything that it wrote. */
    readonly log: string;
}

export interface Container {
    /** What it has written so far. */
    log(): string;
    /** Sends a signal to its first process. */
    kill(signal: "SIGTERM" | "SIGINT" | "SIGKILL"): Promise<void>;
    readonly ended: Promise<Ended>;
    /** Runs a program inside and resolves with its standard output. Rejects when that fails. */
    exec(...program: string[]): Promise<string>;
    /** What to write before a program to run it inside. */
    readonly inside: readonly string[];
}

/** Images unpacked and containers run below one directory; `close`, or the end of this process, removes all of it. */
export class Runtime {
    readonly directory = mkdtempSync(path.join(os.tmpdir(), "images-test-"));
    readonly #running = new Set<string>();
    readonly #onExit = (): void => this.close();
    readonly #onSignal = (): void => process.exit(130); // which then calls onExit
    #count = 0;

    constructor() {
        process.once("exit", this.#onExit).once("SIGINT", this.#onSignal).once("SIGTERM", this.#onSignal);
    }

    /** A directory that the user may write to, like a fresh volume. */
    volume(user: number): string {
        const place = path.join(this.directory, `volume-${++this.#count}`);
        mkdirSync(place);
        chmodSync(place, 0o770);
        chownSync(place, 0, user);
        return place;
    }

    async start(archive: string, options: ContainerOptions = {}): Promise<Container> {
        const { root, config } = await this.#unpack(archive);
        const id = `${path.basename(this.directory)}-${++this.#count}`;
        const bundle = path.join(this.directory, id);
        mkdirSync(bundle);
        writeFileSync(path.join(bundle, "config.json"), JSON.stringify(specification(root, config, options)));
        const child = spawn("runc", this.#runc("run", "--bundle", bundle, id), { stdio: ["ignore", "pipe", "pipe"] });
        this.#running.add(id);
        let log = "";
        for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (log += String(data)));
        const ended = new Promise<Ended>((resolve, reject) => {
            child.once("error", reject);
            child.once("close", (code, signal) => {
                this.#running.delete(id);
                resolve({ code: code ?? 128 + (os.constants.signals[signal ?? "SIGKILL"] ?? 0), log });
            });
        });
        const inside = this.#runc("exec", id);
        return {
            inside: ["runc", ...inside],
            log: () => log,
            ended,
            kill: async (signal) => void (await execute("runc", this.#runc("kill", id, signal))),
            exec: async (...program) => (await execute("runc", [...inside, ...program])).stdout,
        };
    }

    /** Runs to the end. */
    async run(archive: string, options: ContainerOptions = {}): Promise<Ended> {
        return (await this.start(archive, options)).ended;
    }

    close(): void {
        process.off("exit", this.#onExit).off("SIGINT", this.#onSignal).off("SIGTERM", this.#onSignal);
        for (const id of this.#running) execFileSync("runc", this.#runc("delete", "--force", id), { stdio: "ignore" });
        rmSync(this.directory, { recursive: true, force: true });
    }

    #runc(...args: string[]): string[] {
        return ["--root", path.join(this.directory, "runc"), ...args];
    }

    async #unpack(archive: string): Promise<{ root: string; config: ImageConfig }> {
        const layout = path.join(this.directory, path.basename(archive, ".tar"));
        const blob = (digest: string): string => path.join(layout, "blobs", "sha256", digest.replace("sha256:", ""));
        const read = <T>(file: string): T => JSON.parse(readFileSync(file, "utf8")) as T;
        const root = path.join(layout, "root");
        const isNew = !existsSync(root);
        if (isNew) {
            mkdirSync(root, { recursive: true });
            await execute("tar", ["-xf", archive, "-C", layout]);
        }
        const index = read<{ manifests: [{ digest: string }] }>(path.join(layout, "index.json"));
        const manifest = read<{ config: { digest: string }; layers: { digest: string }[] }>(
            blob(index.manifests[0].digest),
        );
        for (const layer of isNew ? manifest.layers : []) {
            await execute("tar", ["-xpf", blob(layer.digest), "-C", root]);
        }
        return { root, config: read<{ config: ImageConfig }>(blob(manifest.config.digest)).config };
    }
}

function specification(root: string, image: ImageConfig, options: ContainerOptions): object {
    const user = options.user ?? Number(image.User.split(":")[0]);
    const memoryDisk = (destination: string): object => ({
        destination,
        type: "tmpfs",
        source: "tmpfs",
        options: ["nosuid", "nodev", "mode=1777"],
    });
    const own = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`);
    return {
        ociVersion: "1.0.2",
        root: { path: root, readonly: true },
        process: {
            user: { uid: user, gid: user },
            args: options.program ?? [...image.Entrypoint, ...(options.args ?? [])],
            env: [...image.Env, ...own],
            cwd: image.WorkingDir,
            noNewPrivileges: true,
            capabilities: {},
        },
        mounts: [
            { destination: "/proc", type: "proc", source: "proc" },
            { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755"] },
            memoryDisk("/dev/shm"),
            memoryDisk("/tmp"),
            ...(options.scratch ?? []).map(memoryDisk),
            ...Object.entries(options.volumes ?? {}).map(([destination, source]) => ({
                destination,
                source,
                type: "bind",
                options: ["bind", "rw"],
            })),
        ],
        linux: { namespaces: [{ type: "pid" }, { type: "mount" }, { type: "ipc" }] },
    };
}
