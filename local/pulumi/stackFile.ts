/** Reads a stack file (`Pulumi.<stack>.yaml`). */
import { existsSync, readFileSync } from "node:fs";
import { LineCounter, parseDocument } from "yaml";

export interface StackFile {
    readonly encryptionsalt?: string;
    readonly secretsprovider?: string;
    /** Values by key; the keys may have their project before them. */
    readonly config: Readonly<Record<string, unknown>>;
}

/**
 * @returns its content; an empty file is one without configuration
 * @throws Error with file and line, and without the text there, which may hold a secret
 */
export function readStackFile(file: string): StackFile {
    const stack = /Pulumi\.([^/]*)\.yaml$/.exec(file)?.[1] ?? "";
    if (!existsSync(file)) throw new Error(`there is no stack ${stack}: ${file} does not exist`);
    const lineCounter = new LineCounter();
    const options = { prettyErrors: false, logLevel: "silent", lineCounter } as const;
    const document = parseDocument(readFileSync(file, "utf8"), options);
    const [error] = document.errors;
    if (error !== undefined)
        throw new Error(`${file}:${lineCounter.linePos(error.pos[0]).line}: this is not YAML: ${error.message}`);
    const content: unknown = document.toJS() ?? {};
    if (!isMap(content)) throw new Error(`${file}: this is not a map of keys and values`);
    const config = content["config"] ?? {};
    if (!isMap(config)) throw new Error(`${file}: config is not a map of keys and values`);
    return { ...content, config };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
