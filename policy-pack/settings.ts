import type { Parameters } from "./model/parameters.ts";
import { PRESETS, type Level, type Preset } from "./model/rule.ts";
import { isTree } from "./model/view.ts";
import { nearest } from "./model/text.ts";
import { RULES } from "./rules/index.ts";
import { PARAMETERS, validate, type ParameterName } from "./schema.ts";

/** Lets certain objects break a rule, for a reason. Patterns take `*`; one that is absent matches everything. */
export interface Exemption {
    /** Name of the rule. */
    readonly rule: string;
    readonly kind?: string;
    readonly namespace?: string;
    readonly name?: string;
    /** Helm release that the object comes from. */
    readonly release?: string;
    /** Path of the finding. */
    readonly path?: string;
    /** Why it is fine here. */
    readonly reason: string;
    /** Last day that it holds, as in `2027-01-31`; for ever when absent. */
    readonly expires?: string;
    /** Where the configuration has it, as in `environments.staging.exemptions[0]`. */
    readonly place: string;
}

/** Settings of a run. */
export interface Settings {
    readonly levels: ReadonlyMap<string, Level>;
    readonly parameters: Parameters;
    readonly exemptions: readonly Exemption[];
    /** Today, as in `2026-11-21`; given by whoever may read the clock. */
    readonly today: string;
}

/** The weakest first. */
const LEVELS: readonly Level[] = ["disabled", "advisory", "mandatory"];

/** Errors of a configuration, all of them at once. */
export class SettingsError extends Error {
    readonly errors: readonly string[];

    constructor(errors: readonly string[]) {
        super(`The policy configuration is wrong:\n${errors.map((error) => `  - ${error}`).join("\n")}`);
        this.name = "SettingsError";
        this.errors = errors;
    }
}

/** The level of each rule in a preset. */
export function presetLevels(preset: Preset): Map<string, Level> {
    const column = PRESETS.indexOf(preset);
    return new Map(RULES.map((rule) => [rule.name, rule.levels[column] ?? "mandatory"]));
}

/** The part for this pack in a `--policy-pack-config` file: that of its policy, else that of all policies; an empty one counts. */
export function policyPart(file: unknown): unknown {
    if (!isTree(file)) return undefined;
    return Object.hasOwn(file, "kubernetes") ? (file["kubernetes"] ?? {}) : file["all"];
}

/** CrossGuard's own level of a policy, which no rule exceeds: in place of the configuration, or within it. */
function splitLevel(config: unknown): { readonly most: Level; readonly given: unknown } {
    const { enforcementLevel, ...given } = isTree(config) ? config : { enforcementLevel: config };
    return LEVELS.includes(enforcementLevel as Level)
        ? { most: enforcementLevel as Level, given }
        : { most: "mandatory", given: config ?? {} };
}

/**
 * Reads a configuration (the properties of the policy `kubernetes` in a `--policy-pack-config` file).
 * @param config an object as `CONFIG_SCHEMA` describes it, or CrossGuard's level; nothing gives the defaults
 * @param today as in `2026-11-21`
 * @param target what is checked: the parts of the configuration for it win, that of the stack over that of the environment
 * @param overrides what the caller says, which wins over both
 * @throws SettingsError naming every error
 */
export function parseSettings(
    config: unknown,
    today: string,
    target: Target = {},
    overrides: Overrides = {},
): Settings {
    const { most, given } = splitLevel(config);
    const errors = validate(given);
    if (!isTree(given) || errors.length > 0) throw new SettingsError(errors);
    const parts = [...partsIn(given, "environments", target.environment), ...partsIn(given, "stacks", target.stack)];
    const all = { applies: true, part: given, place: "" };
    const call = { applies: true, part: overrides as Tree, place: "" };
    // A misspelt rule is an error in any part, not only in those for what is checked.
    for (const { part, place } of [all, ...parts, call])
        errors.push(...unknownRules(part, place), ...wrongPorts(part, place), ...wrongDays(part, place));
    if (errors.length > 0) throw new SettingsError(errors);
    const layers = [all, ...parts.filter(({ applies }) => applies), call];
    const preset = layers.map(({ part }) => part["preset"]).findLast((name) => name !== undefined) ?? "recommended";
    const levels = presetLevels(preset as Preset);
    for (const { part } of layers)
        for (const [name, level] of Object.entries(treeIn(part, "rules"))) levels.set(name, level as Level);
    for (const [name, level] of levels) if (LEVELS.indexOf(level) > LEVELS.indexOf(most)) levels.set(name, most);
    return {
        levels,
        parameters: parametersOf(Object.assign({}, ...layers.map(({ part }) => treeIn(part, "parameters"))) as Tree),
        exemptions: layers.flatMap(({ part, place }) =>
            exemptionsIn(part).map((exemption, index) => ({ ...exemption, place: `${place}exemptions[${index}]` })),
        ),
        today,
    };
}

/** What is checked. Plain manifests have neither. */
export interface Target {
    /** Name of the stack. */
    readonly stack?: string | undefined;
    /** Environment of the stack, as in its configuration. */
    readonly environment?: string | undefined;
}

/** What a call says of levels, over any configuration. */
export interface Overrides {
    readonly preset?: Preset;
    readonly rules?: Readonly<Record<string, Level>>;
}

type Tree = Readonly<Record<string, unknown>>;

function treeIn(part: Tree, name: string): Tree {
    const value = part[name];
    return isTree(value) ? value : {};
}

/** The parts of a configuration below `key`, by name; the one with the name `wanted` applies. */
function partsIn(config: Tree, key: string, wanted: string | undefined) {
    return Object.entries(treeIn(config, key)).map(([name, part]) => ({
        applies: name === wanted,
        part: part as Tree,
        place: `${key}.${name}.`,
    }));
}

function exemptionsIn(part: Tree): readonly Omit<Exemption, "place">[] {
    return (part["exemptions"] ?? []) as readonly Omit<Exemption, "place">[];
}

function parametersOf(given: Tree): Parameters {
    const names = Object.keys(PARAMETERS) as ParameterName[];
    const values: Record<string, unknown> = {};
    for (const name of names) values[name] = name in given ? given[name] : PARAMETERS[name].default;
    // Checked against the schema before; its keys are those of Parameters, which a test compares.
    return values as unknown as Parameters;
}

function unknownRules(part: Tree, place: string): string[] {
    const known = new Set(RULES.map(({ name }) => name));
    const levels = Object.keys(treeIn(part, "rules")).map((rule) => ({ rule, at: "rules" }));
    const exemptions = exemptionsIn(part).map(({ rule }, index) => ({ rule, at: `exemptions[${index}].rule` }));
    return [...levels, ...exemptions]
        .filter(({ rule }) => !known.has(rule))
        .map(({ rule, at }) => `${place}${at}: ${unknownRule(rule)}`);
}

/** The schema knows the form of a range alone. */
function wrongPorts(part: Tree, place: string): string[] {
    const range = treeIn(part, "parameters")["nodePorts"];
    if (typeof range !== "string") return [];
    const [first = 0, last = 0] = range.split("-").map(Number);
    if (first >= 1 && first <= last && last <= 65535) return [];
    return [
        `${place}parameters.nodePorts: must be two ports from 1 to 65535, the lower one first, such as 30000-32767`,
    ];
}

/** The schema knows the form of a day alone. Days are compared as text, so that 2027-19-01 would hold for all of 2027. */
function wrongDays(part: Tree, place: string): string[] {
    return exemptionsIn(part).flatMap(({ expires }, index) =>
        expires === undefined || isDay(expires)
            ? []
            : [
                  `${place}exemptions[${index}].expires: is ${expires}, which no month has; must be a day such as 2027-01-31`,
              ],
    );
}

function isDay(text: string): boolean {
    const time = new Date(`${text}T00:00:00Z`);
    // JavaScript takes February 31 for a day of March.
    return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text);
}

function unknownRule(name: string): string {
    const close = nearest(
        name,
        RULES.map((rule) => rule.name),
    );
    return `there is no rule "${name}"${close === undefined ? "" : `; did you mean "${close}"?`}`;
}

/** Whether the last day of an exemption is over. */
export function isExpired(exemption: Exemption, today: string): boolean {
    return exemption.expires !== undefined && exemption.expires < today;
}
