/** Records of drills: a file with one JSON object a line. docs/drills.md promises its fields. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { home } from "../../local/home.ts";

export interface DrillRecord {
    readonly drill: string;
    readonly stack: string;
    /** Commit of the release that was deployed, where `npm run deploy` has remembered it. */
    readonly commit?: string;
    /** When the fault was caused; ISO 8601. */
    readonly started: string;
    /** null where the stack had not recovered after twice the target. */
    readonly recoveredSeconds: number | null;
    readonly targetSeconds: number;
    readonly met: boolean;
    /** Absent where no requests were sent. */
    readonly failedRequests?: number;
}

/** Where records are kept if nothing else is asked for. */
export function recordsFile(): string {
    return path.join(home(), "drills.jsonl");
}

/**
 * The records of a file.
 * @param isNeeded whether there has to be such a file. Default: without one there are no records
 * @throws for a line that is no record
 */
export function read(file: string, isNeeded = false): readonly DrillRecord[] {
    if (!isNeeded && !existsSync(file)) return [];
    const lines = readFileSync(file, "utf8").split("\n");
    return lines.flatMap((line, index) => {
        if (line.trim() === "") return [];
        try {
            const record = JSON.parse(line) as DrillRecord;
            if (!Number.isNaN(Date.parse(record.started))) return [record];
        } catch {
            // The same error as for JSON that is no record.
        }
        throw new Error(`${file}: line ${index + 1} is no record of a drill: remove it`);
    });
}

/** Adds records to the file; without any, makes sure that it can be written. */
export function append(file: string, records: readonly DrillRecord[]): void {
    mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    appendFileSync(file, records.map((record) => `${JSON.stringify(record)}\n`).join(""), { mode: 0o600 });
}
