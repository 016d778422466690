/**
 * Reads a stack file (`Pulumi.<stack>.yaml`) as the Pulumi CLI does, whose library is gopkg.in/yaml.v3: words of YAML 1.2,
 * merge keys, Go's numbers (017 is 15), and a date as Go prints it, which is no date any more.
 */
import { readFileSync, statSync } from "node:fs";
import { type Document, LineCounter, parseDocument, type ScalarTag, stringify, type Tags } from "yaml";
import { number } from "../../policy-pack/yaml.ts";

export interface StackFile {
    readonly encryptionsalt?: string;
    readonly secretsprovider?: string;
    /** Values by key with project. */
    readonly config: Readonly<Record<string, unknown>>;
}

const timestamp: ScalarTag = {
    tag: "tag:yaml.org,2002:timestamp",
    default: true,
    test: /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt ](\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d+)?(Z|[-+]\d\d:\d\d)?)?$/,
    resolve: (text) => {
        const [, year, month, day, ...rest] = timestamp.test!.exec(text)!;
        const [hour = "0", minute = "0", second = "0", fraction = "", zone] = rest;
        const [date, time] = [
            [year!, month!, day!],
            [hour, minute, second],
        ].map((parts) => parts.map((part) => part.padStart(2, "0"))) as [string[], string[]];
        const parsed = new Date(`${date.join("-")}T${time.join(":")}Z`);
        const isTime = !Number.isNaN(parsed.getTime()) && parsed.getUTCDate() === Number(day);
        // A time has a zone behind a T, and none behind a space.
        if (!isTime || (zone !== undefined) !== /[Tt]/.test(text)) return text;
        const offset = (zone ?? "Z").replace(":", "");
        const suffix = /^(Z|[-+]0000)$/.test(offset) ? "+0000 UTC" : `${offset} ${offset}`;
        return `${date.join("-")} ${time.join(":")}${fraction.replace(/\.?0*$/, "")} ${suffix}`;
    },
};

const customTags = (tags: Tags): Tags => [
    number,
    { ...number, tag: "tag:yaml.org,2002:int" },
    timestamp,
    ...tags.filter((tag) => typeof tag === "string" || !/:(int|float)$/.test(tag.tag)),
];

/** The text of a stack file that the CLI reads as this. */
export function stackFileText(content: object): string {
    // In quotes, whatever is no text for one of them.
    return stringify(content, { compat: "yaml-1.1" });
}

/**
 * @param project the project of keys that name none
 * @returns its content; an empty file is one without configuration
 * @throws Error with file and line, and without the text there, which may hold a secret
 */
export function readStackFile(file: string, project: string): StackFile {
    const stack = /Pulumi\.([^/]*)\.yaml$/.exec(file)?.[1] ?? "";
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined) throw new Error(`there is no stack ${stack}: ${file} does not exist`);
    if (!found.isFile()) throw new Error(`${file}: this is no file`);
    const lineCounter = new LineCounter();
    const options = { merge: true, customTags, prettyErrors: false, logLevel: "silent", lineCounter } as const;
    // A carriage return alone ends a line too.
    const text = readFileSync(file, "utf8").replaceAll(/\r\n?/g, "\n");
    const document = parseDocument(text, options);
    const [error] = document.errors;
    if (error !== undefined)
        throw new Error(`${file}:${lineCounter.linePos(error.pos[0]).line}: this is not YAML: ${error.message}`);
    const content: unknown = valueOf(document, file) ?? {};
    if (!isMap(content)) throw new Error(`${file}: this is not a map of keys and values`);
    const config = content["config"] ?? {};
    if (!isMap(config)) throw new Error(`${file}: config is not a map of keys and values`);
    return { ...content, config: withProject(config, project, file) };
}

function withProject(config: StackFile["config"], project: string, file: string): StackFile["config"] {
    const full = (key: string): string => (key.includes(":") ? key : `${project}:${key}`);
    // Of two, the CLI takes one or the other, by chance.
    const twice = Object.keys(config).find((key) => full(key) !== key && full(key) in config);
    if (twice !== undefined)
        throw new Error(`${file}: ${full(twice)} and ${twice} are the same key: remove one of them from the file`);
    return Object.fromEntries(Object.entries(config).map(([key, value]) => [full(key), value]));
}

/** A key as the configuration of a stack file has it: with its project, or without. */
export function writtenKey(config: object, project: string, key: string): string {
    return Object.hasOwn(config, key) ? key : `${project}:${key}`;
}

/** @throws Error with the file, where a merge key or an alias leads to nothing */
function valueOf(document: Document, file: string): unknown {
    try {
        return document.toJS();
    } catch (error) {
        throw new Error(`${file}: this is not YAML: ${(error as Error).message}`, { cause: error });
    }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
