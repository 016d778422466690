import { createHash } from "node:crypto";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { styleText } from "node:util";

import type { Exempted, Finding } from "./check.ts";
import { describe, knownKind, type KubeObject } from "./model/object.ts";
import { makesPods } from "./model/pods.ts";
import { hasSteps } from "./model/steps.ts";
import own from "./package.json" with { type: "json" };
import { RULES } from "./rules/index.ts";

/** A finding with the place where its field, or the object, is written. */
export interface Located {
    readonly finding: Finding;
    readonly file: string;
    /** Counted from 1. */
    readonly line: number;
}

/** Everything that a report shows. */
export interface Outcome {
    readonly findings: readonly Located[];
    readonly exempted: readonly Exempted[];
    readonly objects: readonly KubeObject[];
    /** Rules that were on. */
    readonly rules: number;
}

/** The formats of a report. */
export const FORMATS = { text, json, sarif, junit } as const;

/** Name of a format. */
export type Format = keyof typeof FORMATS;

/** How many findings there are of each level. */
export function counts({ findings }: Outcome): { readonly mandatory: number; readonly advisory: number } {
    const mandatory = findings.filter(({ finding }) => finding.level === "mandatory").length;
    return { mandatory, advisory: findings.length - mandatory };
}

/** Kinds that no rule is about, each with its number of objects; rules about every object still see these. */
function uncovered({ objects }: Outcome): Readonly<Record<string, number>> {
    const others = objects.filter(
        (object) => knownKind(object) === undefined && !makesPods(object) && !hasSteps(object),
    );
    const kinds = Map.groupBy(others, ({ apiVersion, kind }) => `${apiVersion} ${kind}`);
    return Object.fromEntries([...kinds].map(([kind, members]) => [kind, members.length]));
}

/** For people: grouped by object, coloured where `stream` is a terminal. */
function text(outcome: Outcome, stream: NodeJS.WriteStream): string {
    const paint = (style: Parameters<typeof styleText>[0], words: string): string =>
        styleText(style, words, { stream });
    const groups = Map.groupBy(outcome.findings, ({ finding }) => finding.object);
    const blocks = [...groups].map(([object, found]) => {
        const release = object.release === undefined ? "" : paint("dim", ` of release ${object.release}`);
        const lines = found.map(({ finding, file, line }) => {
            const level = paint(finding.level === "mandatory" ? "red" : "yellow", finding.level.padEnd(9));
            const at = [finding.path, paint("dim", `${file}:${line}`)];
            return [
                `  ${level}  ${paint("bold", finding.rule)}  ${at.filter((part) => part !== "").join("  ")}`,
                `             ${finding.message}.`,
                `             ${finding.fix} ${paint("dim", finding.link)}`,
            ].join("\n");
        });
        return [`${paint("bold", describe(object))}${release}`, ...lines].join("\n");
    });
    const { mandatory, advisory } = counts(outcome);
    const verdict = mandatory > 0 ? paint("red", "refused") : paint("green", "passed");
    const exempted = outcome.exempted.length === 0 ? "" : `, ${outcome.exempted.length} exempted`;
    const summary = `${verdict}: ${mandatory} mandatory, ${advisory} advisory${exempted}`;
    const others = Object.entries(uncovered(outcome)).map(([kind, number]) => `${kind} (${number})`);
    const note = others.length === 0 ? [] : [`no rule knows these kinds: ${others.join(", ")}`];
    return (
        [...blocks, ...note, `${summary} (${outcome.objects.length} objects, ${outcome.rules} rules)`, ""]
            .join("\n\n")
            .trimEnd() + "\n"
    );
}

/** For programs. */
function json(outcome: Outcome): string {
    const findings = outcome.findings.map(({ finding: { object, ...facts }, file, line }) => ({
        ...facts,
        object: naming(object),
        file,
        line,
    }));
    const exempted = outcome.exempted.map(({ finding: { object, rule, path }, exemption }) => ({
        rule,
        path,
        object: naming(object),
        reason: exemption.reason,
    }));
    const { objects, rules } = outcome;
    const numbers = { exempted: exempted.length, objects: objects.length, rules };
    const summary = { ...counts(outcome), ...numbers, uncovered: uncovered(outcome) };
    return `${JSON.stringify({ summary, findings, exempted }, undefined, 2)}\n`;
}

function naming({ apiVersion, kind, namespace, name, release }: KubeObject): Partial<KubeObject> {
    return {
        apiVersion,
        kind,
        name,
        ...(namespace === undefined ? {} : { namespace }),
        ...(release === undefined ? {} : { release }),
    };
}

/** Most results that GitHub takes: it refuses a report with more. */
const MOST_RESULTS = 25_000;

/** SARIF 2.1.0, in the form that GitHub's code scanning takes. */
function sarif(outcome: Outcome): string {
    const rules = RULES.map(({ name, title, why, fix, link }) => ({
        id: name,
        shortDescription: { text: title },
        fullDescription: { text: why },
        help: { text: fix },
        helpUri: link,
    }));
    const isMandatory = ({ finding }: Located): boolean => finding.level === "mandatory";
    const [mandatory, advisory] = [
        outcome.findings.filter(isMandatory),
        outcome.findings.filter((found) => !isMandatory(found)),
    ];
    const known = new Map<string, number>();
    const results = [...mandatory, ...advisory].slice(0, MOST_RESULTS).map((located) => {
        const { finding, file, line } = located;
        const object = describe(finding.object);
        const hash = createHash("sha256")
            .update(JSON.stringify([finding.rule, object, finding.path]))
            .digest("hex");
        const number = (known.get(hash) ?? 0) + 1;
        known.set(hash, number);
        return {
            ruleId: finding.rule,
            level: isMandatory(located) ? "error" : "warning",
            message: { text: `${object}: ${finding.message}. ${finding.fix}` },
            locations: [
                {
                    physicalLocation: { artifactLocation: { uri: uriOf(file) }, region: { startLine: line } },
                    logicalLocations: [{ fullyQualifiedName: `${object} ${finding.path}`.trim() }],
                },
            ],
            // GitHub computes it by itself only where it finds the file, which rendered manifests are not.
            partialFingerprints: { primaryLocationLineHash: `${hash}:${number}` },
        };
    });
    const leftOut = outcome.findings.length - results.length;
    const notice = { level: "warning", message: { text: `${leftOut} findings are left out: GitHub takes no more.` } };
    const notices = leftOut === 0 ? [] : [notice];
    const log = {
        $schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [
            {
                tool: { driver: { name: own.name, version: own.version, rules } },
                invocations: [{ executionSuccessful: true, toolExecutionNotifications: notices }],
                results,
            },
        ],
    };
    return `${JSON.stringify(log, undefined, 2)}\n`;
}

/** A file as a URI: relative where it is below the working directory, as GitHub knows files by their path in the repository. */
function uriOf(file: string): string {
    const relative = path.relative("", file);
    if (/^\.\.(?:[\\/]|$)/.test(relative) || path.isAbsolute(relative)) return pathToFileURL(file).href;
    return relative.split(path.sep).map(encodeURIComponent).join("/");
}

/** JUnit: one case per rule, which fails with all of its mandatory findings. */
function junit(outcome: Outcome): string {
    const byRule = Map.groupBy(outcome.findings, ({ finding }) => finding.rule);
    const line = ({ finding }: Located): string => `${describe(finding.object)}: ${finding.path}: ${finding.message}`;
    const cases = RULES.map(({ name, title }) => {
        const found = byRule.get(name) ?? [];
        const failed = found.filter(({ finding }) => finding.level === "mandatory");
        const warned = found.filter(({ finding }) => finding.level === "advisory");
        const failure =
            failed.length === 0
                ? ""
                : `<failure message="${escape(`${failed.length} findings`)}">${escape(failed.map(line).join("\n"))}</failure>`;
        const output = warned.length === 0 ? "" : `<system-out>${escape(warned.map(line).join("\n"))}</system-out>`;
        const head = `    <testcase classname="policy" name="${escape(`${name}: ${title}`)}"`;
        return failure + output === "" ? `${head}/>` : `${head}>${failure}${output}</testcase>`;
    });
    const failures = cases.filter((text) => text.includes("<failure")).length;
    const head = `  <testsuite name="policy" tests="${RULES.length}" failures="${failures}" errors="0" skipped="0">`;
    return [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<testsuites>",
        head,
        ...cases,
        "  </testsuite>",
        "</testsuites>",
        "",
    ].join("\n");
}

function escape(text: string): string {
    const names: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
    // Control characters are not allowed in XML at all.
    return text.replace(/[&<>"]/g, (char) => names[char] ?? char).replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD]/g, "?");
}
