import { hasSchema } from "./api/errors.ts";
import { CONTAINER_KINDS, describe, KNOWN_KINDS, knownKind, type KubeObject, POD_KINDS } from "./model/object.ts";
import { makesPods } from "./model/pods.ts";
import type { Level, ObjectRule, Rule, RuleFacts, RuleFinding, Severity } from "./model/rule.ts";
import { hasSteps } from "./model/steps.ts";
import { fits, sentenceList } from "./model/text.ts";
import { isEmpty, newTrace, View, type Trace } from "./model/view.ts";
import { indexStack, World } from "./model/world.ts";
import { OBJECT_RULES, STACK_RULES } from "./rules/index.ts";
import { exemptions as exemptionsRule } from "./rules/exemptions.ts";
import { objectShape } from "./rules/object-shape.ts";
import { unknownValues } from "./rules/unknown-values.ts";
import { isExpired, type Exemption, type Settings } from "./settings.ts";

/** One breach of a rule by an object. */
export interface Finding {
    readonly rule: string;
    /** What the rule wants, in one line. */
    readonly title: string;
    readonly level: Exclude<Level, "disabled">;
    readonly severity: Severity;
    readonly object: KubeObject;
    /** Path to the field, from the object's root. */
    readonly path: string;
    /** What is wrong; names objects, containers and paths, never a value. */
    readonly message: string;
    /** How to fix it. */
    readonly fix: string;
    /** Where the fact behind the rule is written. */
    readonly link: string;
    /** Of `unknown-values`: the rules that wait for values of the object. */
    readonly waiting?: readonly string[];
}

/** A finding that an exemption lets pass. */
export interface Exempted {
    readonly finding: Finding;
    readonly exemption: Exemption;
}

/** What a check came to. */
export interface Report {
    readonly findings: readonly Finding[];
    readonly exempted: readonly Exempted[];
}

/** Checks objects one by one and in relation to each other, and reviews the exemptions. */
export function check(objects: readonly KubeObject[], settings: Settings): Report {
    const single = joinReports(objects.map((object) => checkObject(object, settings)));
    const report = joinReports([single, withoutRepeats(checkStack(objects, settings), single.findings)]);
    return joinReports([report, reviewExemptions(settings, new Set(report.exempted.map((e) => e.exemption)))]);
}

/** What both passes say of the same field (it has a wrong type) is said once. */
export function withoutRepeats(report: Report, earlier: readonly Finding[]): Report {
    const said = earlier.filter(({ rule }) => rule === objectShape.name);
    const repeats = (finding: Finding): boolean =>
        said.some(
            ({ rule, object, path }) => rule === finding.rule && object === finding.object && path === finding.path,
        );
    return { ...report, findings: report.findings.filter((finding) => !repeats(finding)) };
}

/** Checks one object by the rules that need no other. */
export function checkObject(object: KubeObject, settings: Settings): Report {
    const collector = new Collector(settings);
    let trace = newTrace();
    for (const rule of rulesFor(object)) {
        if (!collector.wants(rule)) continue;
        const view = View.of(object.body, trace);
        for (const found of rule.check({ object, view }, settings.parameters)) collector.add(rule, object, found);
        if (isEmpty(trace)) continue;
        collector.keep(rule, object, trace);
        trace = newTrace();
    }
    return collector.report();
}

const RULES_BY_KIND = new Map(
    KNOWN_KINDS.map((kind) => [kind, OBJECT_RULES.filter(({ kinds }) => kinds === undefined || kinds.includes(kind))]),
);

/** A custom resource with a pod template gets the rules about all kinds that have one, and no others. */
function rulesFor(object: KubeObject): readonly ObjectRule[] {
    const known = RULES_BY_KIND.get(knownKind(object) ?? "");
    if (known !== undefined) return known;
    const hasPods = makesPods(object);
    const hasContainers = hasPods || hasSteps(object);
    return OBJECT_RULES.filter(
        ({ kinds }) =>
            kinds === undefined || (kinds === CONTAINER_KINDS && hasContainers) || (kinds === POD_KINDS && hasPods),
    );
}

/** Checks how objects relate. Needs all of a stack's objects. */
export function checkStack(objects: readonly KubeObject[], settings: Settings): Report {
    const collector = new Collector(settings);
    const index = indexStack(objects);
    for (const rule of STACK_RULES) {
        if (!collector.wants(rule)) continue;
        const world = new World(index, (object) => collector.trace(rule, object));
        for (const found of rule.check(world, settings.parameters)) collector.add(rule, found.object, found);
    }
    return collector.report();
}

/** Reports exemptions that have expired, and those that let nothing pass. */
export function reviewExemptions(settings: Settings, used: ReadonlySet<Exemption>): Report {
    const collector = new Collector(settings);
    for (const exemption of settings.exemptions) {
        const object = { apiVersion: "policy", kind: "Exemption", name: exemption.rule, body: exemption };
        const path = exemption.place;
        if (isExpired(exemption, settings.today))
            collector.add(exemptionsRule, object, {
                path: `${path}.expires`,
                message: `this exemption from ${exemption.rule} has expired and lets nothing pass any more`,
            });
        else if (!used.has(exemption) && settings.levels.get(exemption.rule) !== "disabled")
            collector.add(exemptionsRule, object, {
                path,
                message: `this exemption from ${exemption.rule} is not needed: nothing that it fits breaks the rule`,
            });
    }
    return collector.report();
}

/** A report of something that happened in a run, as one finding of a run rule. */
export function runFinding(rule: RuleFacts, object: KubeObject, found: RuleFinding, settings: Settings): Report {
    const collector = new Collector(settings);
    collector.add(rule, object, found);
    return collector.report();
}

/** One report of several. */
export function joinReports(reports: readonly Report[]): Report {
    return {
        findings: reports.flatMap((report) => report.findings),
        exempted: reports.flatMap((report) => report.exempted),
    };
}

/** Gathers findings at their level, lets the exempted ones pass, and keeps the traces of the rules' reads. */
class Collector {
    readonly #settings: Settings;
    readonly #findings: Finding[] = [];
    readonly #exempted: Exempted[] = [];
    readonly #traces = new Map<KubeObject, Map<string, Trace>>();

    constructor(settings: Settings) {
        this.#settings = settings;
    }

    wants(rule: RuleFacts): boolean {
        return this.#settings.levels.get(rule.name) !== "disabled";
    }

    trace(rule: Rule, object: KubeObject): Trace {
        return this.#traces.get(object)?.get(rule.name) ?? this.keep(rule, object, newTrace());
    }

    keep(rule: Rule, object: KubeObject, trace: Trace): Trace {
        let traces = this.#traces.get(object);
        if (traces === undefined) this.#traces.set(object, (traces = new Map<string, Trace>()));
        traces.set(rule.name, trace);
        return trace;
    }

    add(rule: RuleFacts, object: KubeObject, { path, message }: RuleFinding, waiting?: readonly string[]): void {
        const level = this.#settings.levels.get(rule.name) ?? "mandatory";
        if (level === "disabled") return;
        const { name, title, severity, fix, link } = rule;
        const facts = { rule: name, title, level, severity, object, path, message, fix, link };
        const finding: Finding = waiting === undefined ? facts : { ...facts, waiting };
        const exemption = this.#settings.exemptions.find(
            (candidate) => !isExpired(candidate, this.#settings.today) && covers(candidate, finding),
        );
        if (exemption === undefined) this.#findings.push(finding);
        else this.#exempted.push({ finding, exemption });
    }

    report(): Report {
        for (const [object, traces] of this.#traces) {
            this.#addMalformed(object, traces);
            this.#addUnknown(object, traces);
        }
        this.#traces.clear();
        return { findings: this.#findings, exempted: this.#exempted };
    }

    /** Where the schema of a kind is known, the rule itself says what has a wrong type. */
    #addMalformed(object: KubeObject, traces: ReadonlyMap<string, Trace>): void {
        if (hasSchema(object, this.#settings.parameters.kubernetesVersion)) return;
        const paths = new Set([...traces.values()].flatMap((trace) => [...trace.malformed]));
        for (const path of paths)
            this.add(objectShape, object, { path, message: "this field has a type that the Kubernetes API refuses" });
    }

    #addUnknown(object: KubeObject, traces: ReadonlyMap<string, Trace>): void {
        const halted = [...traces].filter(([, trace]) => trace.unknown.size > 0);
        const paths = [...new Set(halted.flatMap(([, trace]) => [...trace.unknown]))];
        const [path] = paths;
        if (path === undefined) return;
        const rules = halted.map(([rule]) => rule);
        const message = `not known before the update, so that ${sentenceList(rules)} could not check all of it: ${sentenceList(paths)}`;
        this.add(unknownValues, object, { path, message }, rules);
    }
}

function covers(exemption: Exemption, { rule, object, path }: Finding): boolean {
    if (exemption.rule !== rule) return false;
    const pairs: readonly (readonly [string | undefined, string])[] = [
        [exemption.kind, object.kind],
        [exemption.namespace, object.namespace ?? ""],
        [exemption.name, object.name],
        [exemption.release, object.release ?? ""],
        [exemption.path, path],
    ];
    return pairs.every(([pattern, text]) => pattern === undefined || fits(pattern, text));
}

/** One finding in one line and a hint: what, where, how to fix it, where to read on. */
export function formatFinding(finding: Finding): string {
    const { object, path, message, fix, link } = finding;
    const release = object.release === undefined ? "" : ` (of release ${object.release})`;
    return `${describe(object)}${release}: ${path === "" ? "" : `${path}: `}${message}. ${fix} (${link})`;
}
