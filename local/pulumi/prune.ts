/** Bounds what the CLI keeps on this machine: its logs, and the backups and the history of a `file://` backend. */
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";

/** Files that stay in each directory. An update writes two into the history and two into the backups. */
const kept = 40;

/** Removes all but the newest files. `home` is `$PULUMI_HOME`, `directory` that of a stack. */
export function prune(home: string | undefined, directory: string): void {
    const backend = path.join(directory, "state/.pulumi");
    for (const place of [
        home && path.join(home, "logs"),
        path.join(backend, "backups"),
        path.join(backend, "history"),
    ]) {
        if (place && existsSync(place)) pruneDirectory(place);
    }
}

function pruneDirectory(directory: string): void {
    const files = readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name))
        .map((file) => ({ file, time: statSync(file).mtimeMs }))
        .sort((a, b) => b.time - a.time);
    for (const { file } of files.slice(kept)) rmSync(file, { force: true });
}
