/**
 * The one reader of manifests. It reads as kubectl and Helm do, whose library is sigs.k8s.io/yaml: words and merge keys of
 * YAML 1.1, a date is a string, of a key that is there twice the last counts, and objects of JSON may follow each other.
 */
import {
    Composer,
    type CST,
    isAlias,
    isCollection,
    isMap,
    isPair,
    isScalar,
    isSeq,
    Lexer,
    LineCounter,
    Parser,
    type Document,
    type Pair,
    type ScalarTag,
    type Tags,
    visit,
} from "yaml";

/** A text in YAML or JSON. */
export interface YamlText {
    readonly documents: readonly Document[];
    /** Line of an offset, counted from 1. */
    readonly lineAt: (offset: number) => number;
    /** Keys that are there twice. */
    readonly duplicates: readonly { readonly key: string; readonly line: number }[];
}

/** Most levels of maps and lists in each other; a CustomResourceDefinition has some fifty. kubectl has a limit too. */
const MOST_NESTED = 500;

/** A text that is neither YAML nor JSON, or nested too deep. */
export class YamlError extends Error {
    readonly line: number;

    constructor(line: number, reason: string) {
        super(reason);
        this.name = "YamlError";
        this.line = line;
    }
}

/** Numbers as Go reads them: binary, octal and hexadecimal ones have a prefix (a bare 0 is octal's), `_` counts nothing. */
export const number: ScalarTag = {
    tag: "tag:yaml.org,2002:float",
    default: true,
    test: /^[-+]?(?:0[bB][01_]+|0[oO][0-7_]+|0[xX][\da-fA-F_]+|(?:\.\d[\d_]*|\d[\d_]*(?:\.[\d_]*)?)(?:[eE][-+]?\d+)?)$/,
    resolve: (text) => {
        const digits = text.replaceAll("_", "").replace(/^[-+]/, "");
        const magnitude = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
        if (magnitude === Infinity) return text;
        return text.startsWith("-") ? -magnitude : magnitude;
    },
};

/** What JSON has no number for, so that no field of a manifest takes it. */
const noNumber: ScalarTag = {
    ...number,
    test: /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
    resolve: () => NaN,
};

/** Bytes, which become a text of JSON. */
const binary: ScalarTag = {
    tag: "tag:yaml.org,2002:binary",
    resolve: (text, onError) => {
        if (!/^[\w+/=\s]*$/.test(text)) onError("this is not Base64");
        return Buffer.from(text, "base64").toString();
    },
};

/**
 * YAML 1.1 with Go's numbers, and without what Go leaves as it is: dates, numbers to the base of 60, and maps and lists
 * of other tags.
 */
const customTags = (tags: Tags): Tags => [
    number,
    noNumber,
    { ...number, tag: "tag:yaml.org,2002:int" },
    binary,
    ...tags.filter((tag) => typeof tag === "string" || !/:(int|float|timestamp|binary|omap|pairs|set)$/.test(tag.tag)),
];

/**
 * The text of a file: UTF-8, or UTF-16 with its byte order mark.
 * @throws Error for anything else; the mark of UTF-32 begins like that of UTF-16
 */
export function decode(bytes: Uint8Array): string {
    const [first, second, third, fourth] = bytes;
    const encoding =
        first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
    const isWide = encoding === "utf-16le" && bytes.length > 2 && third === 0 && fourth === 0;
    try {
        if (!isWide) return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
        // Reported below.
    }
    throw new Error("it is text neither in UTF-8 nor in UTF-16");
}

/**
 * Reads a text with as many documents as there are.
 * @throws YamlError for the first that is neither YAML nor JSON
 */
export function parseYaml(text: string): YamlText {
    const { documents, lineAt } = readStream(text);
    const duplicates: { key: string; line: number }[] = [];
    for (const document of documents) {
        visit(document, {
            Map: (_key, map) => {
                const seen = new Set<string>();
                for (const { key } of map.items) {
                    if (isCollection(key) || (isScalar(key) && key.value === null))
                        throw new YamlError(lineAt(key.range?.[0] ?? 0), "a key is no text");
                    if (!isScalar(key) || typeof key.value === "symbol") continue;
                    const name = String(key.value);
                    if (seen.has(name)) duplicates.push({ key: name, line: lineAt(key.range?.[0] ?? 0) });
                    seen.add(name);
                }
            },
        });
    }
    return { documents, lineAt, duplicates };
}

/** Why the library refuses a text, without what it quotes of it: that may be a secret. */
export function reasonOf({ message }: { readonly message: string }): string {
    const [line = ""] = message.split("\n");
    return line.replaceAll(/!\S*/g, "[tag]").replace(/(?:: |(?<= (?:directive|escape sequence|version)) ).*/, "");
}

/** Characters that YAML does not have, as they are. */
const CONTROL = /(?![\t\n\r\x85])[\p{Cc}\uFFFE\uFFFF]/u;

/** Objects of JSON may follow each other without anything between them. */
function readStream(given: string): ReturnType<typeof read> {
    // Files joined into one have a byte order mark each, and old ones a carriage return alone at the end of a line.
    const text = given.replaceAll(/^(---.*\r?\n)\uFEFF/gm, "$1").replaceAll(/\r(?!\n)/g, "\n");
    const strange = text.search(CONTROL);
    if (strange >= 0) throw new YamlError(text.slice(0, strange).split("\n").length, "it has a control character");
    try {
        return read(text);
    } catch (error) {
        if (text.trimStart().startsWith("{")) return read(separated(text));
        throw error;
    }
}

/** The library's `parseAllDocuments`, but up to the first error: it takes many seconds for some MB of brackets. */
function read(text: string): Pick<YamlText, "documents" | "lineAt"> {
    const lineCounter = new LineCounter();
    lineCounter.addNewLine(0);
    const lineAt = (offset: number): number => lineCounter.linePos(offset).line;
    const options = { version: "1.1", merge: true, uniqueKeys: false, logLevel: "silent", customTags } as const;
    const parser = new Parser(lineCounter.addNewLine);
    const composer = new Composer(options);
    const documents: Document[] = [];
    const { stackTraceLimit } = Error;
    // Of a document the library lists all errors and warnings: with stacks, a million of them takes many seconds.
    Error.stackTraceLimit = 0;
    try {
        for (const document of composer.compose(tokensOf(text, parser, lineAt))) {
            const [error] = document.errors;
            if (error !== undefined) throw new YamlError(lineAt(error.pos[0]), reasonOf(error));
            documents.push(document);
        }
    } finally {
        Error.stackTraceLimit = stackTraceLimit;
    }
    return { documents, lineAt };
}

function* tokensOf(text: string, parser: Parser, lineAt: (offset: number) => number): Iterable<CST.Token> {
    for (const lexeme of new Lexer().lex(text)) {
        for (const token of parser.next(lexeme)) {
            if (token.type === "error") throw new YamlError(lineAt(token.offset), reasonOf(token));
            // kubectl and Helm cut the text at each `---`, so that for them nothing follows a directive.
            if (token.type === "directive") throw new YamlError(lineAt(token.offset), "it has a directive");
            yield token;
        }
        if (parser.stack.length > MOST_NESTED)
            throw new YamlError(lineAt(parser.offset), `it is nested more than ${MOST_NESTED} levels deep`);
    }
    yield* parser.end();
}

/** Most values that the aliases of a document stand for, together. kubectl has a limit too. */
const MOST_ALIASED = 50_000;

/**
 * The value of a document.
 * @throws Error where aliases stand for nothing or too much, or a merge key for what is no map
 */
export function valueOf(document: Document): unknown {
    const { node, repeated } = withoutAliases(document.contents, new Map());
    if (repeated > MOST_ALIASED) throw new Error(`its aliases stand for more than ${MOST_ALIASED} values`);
    document.contents = node as Document["contents"];
    return document.toJS();
}

/** A node, how many values it stands for, and how many of them by aliases. */
interface Sized {
    readonly node: unknown;
    readonly all: number;
    readonly repeated: number;
}

/** What aliases stand for, in their place: the library would look through the whole document for each. */
function withoutAliases(node: unknown, anchors: Map<string, Sized>): Sized {
    if (isAlias(node)) {
        const known = anchors.get(node.source);
        if (known === undefined) throw new Error("an alias stands for no value before it");
        return { ...known, repeated: known.all };
    }
    let [all, repeated] = [1, 0];
    const resolved = <T>(part: T): T => {
        const sized = withoutAliases(part, anchors);
        [all, repeated] = [all + sized.all, repeated + sized.repeated];
        return sized.node as T;
    };
    if (isPair(node)) [node.key, node.value] = [resolved(node.key), resolved(node.value)];
    else if (isCollection(node)) for (const [index, item] of node.items.entries()) node.items[index] = resolved(item);
    if (isMap(node)) node.items = node.items.flatMap(merged);
    const sized = { node, all, repeated };
    if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) anchors.set(node.anchor, sized);
    return sized;
}

/** What a merge key brings, in its place: for Go, what is written before it gives way, and what comes after it does not. */
function merged(pair: Pair): readonly Pair[] {
    if (!isScalar(pair.key) || typeof pair.key.value !== "symbol") return [pair];
    const sources = isSeq(pair.value) ? pair.value.items.toReversed() : [pair.value];
    return sources.flatMap((source) => {
        if (!isMap(source)) throw new Error("Merge sources must be maps");
        return source.items;
    });
}

/** Objects of JSON that follow each other, as documents of YAML, on the lines where they are. */
function separated(text: string): string {
    let [depth, isFirst] = [0, true];
    const parts: string[] = [];
    for (const part of text.split(/("(?:[^"\\]|\\.)*"|[{}])/s)) {
        if (part === "{" && depth++ === 0) {
            if (!isFirst) parts.push(parts.at(-1)?.endsWith("\n") ? "--- " : "\n--- ");
            isFirst = false;
        }
        if (part === "}") depth--;
        parts.push(part);
    }
    return parts.join("");
}
