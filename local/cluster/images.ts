/** Loading image archives into the node: there is no registry to pull from. */
import { spawn } from "node:child_process";
import { existsSync, openSync, closeSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { containerdSocket } from "./config/node.ts";
import { insideNode } from "./namespace.ts";
import type { ProcessIdentity } from "./state.ts";

/** Imports one archive (OCI layout or `docker save`, as tar). */
export async function importArchive(node: ProcessIdentity, ctr: string, archive: string): Promise<void> {
    // By standard input: the archive may lie where the node sees a directory of its own.
    const input = openSync(archive, "r");
    const [program = "", ...options] = [
        ...insideNode(node),
        ...[ctr, "--address", containerdSocket, "--namespace", "k8s.io", "images", "import", "-"],
    ];
    const child = spawn(program, options, { stdio: [input, "ignore", "pipe"] });
    closeSync(input);
    let printed = "";
    child.stderr?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    const code = await new Promise<number | null>((resolve, reject) => {
        child.once("error", reject);
        child.once("close", resolve);
    });
    if (code !== 0) throw new Error(`loading ${archive} failed: ${printed.trim() || `ctr ended with ${code}`}`);
}

/** Remembers which archives the node has, by name, size and time of change. */
export class LoadedImages {
    readonly #file: string;
    readonly #marks: Record<string, string>;

    constructor(file: string) {
        this.#file = file;
        this.#marks = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, string>) : {};
    }

    has(archive: string): boolean {
        return this.#marks[path.resolve(archive)] === mark(archive);
    }

    add(archive: string): void {
        this.#marks[path.resolve(archive)] = mark(archive);
        writeFileSync(this.#file, `${JSON.stringify(this.#marks, undefined, 2)}\n`);
    }
}

function mark(archive: string): string {
    const { size, mtimeMs } = statSync(archive);
    return `${size} bytes, ${mtimeMs}`;
}
