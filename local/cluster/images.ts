/** Loading image archives into the node: there is no registry to pull from. */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa, type ExecaError } from "execa";
import { containerdSocket } from "./config/node.ts";
import { insideNode } from "./namespace.ts";
import type { ProcessIdentity } from "./state.ts";

/** Imports one archive (OCI layout or `docker save`, as tar). */
export async function importArchive(node: ProcessIdentity, ctr: string, archive: string): Promise<void> {
    // By standard input: the archive may lie where the node sees a directory of its own.
    const [program = "", ...options] = [
        ...insideNode(node),
        ...[ctr, "--address", containerdSocket, "--namespace", "k8s.io", "images", "import", "-"],
    ];
    await execa(program, options, { inputFile: archive, stdout: "ignore" }).catch((error: ExecaError) => {
        throw new Error(`loading ${archive} failed: ${String(error.stderr) || error.shortMessage}`, { cause: error });
    });
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
