import type { KubeObject } from "./object.ts";
import type { Parameters } from "./parameters.ts";
import type { Container, Pod, Role } from "./pods.ts";
import { podsOf } from "./pods.ts";
import { stepsOf } from "./steps.ts";
import type { Subject } from "./subject.ts";
import type { View } from "./view.ts";
import type { World } from "./world.ts";

/** What a finding does: nothing, a warning, or a refusal. The names are CrossGuard's. */
export type Level = "disabled" | "advisory" | "mandatory";

/** How bad it is when a rule is broken, whatever a stack makes of it. */
export type Severity = "low" | "medium" | "high" | "critical";

/** The presets, from the mildest to the hardest. */
export const PRESETS = ["baseline", "recommended", "strict"] as const;

/** One of the presets. */
export type Preset = (typeof PRESETS)[number];

/** What every rule tells about itself. */
export interface RuleFacts {
    /** Name in reports, levels and exemptions; kebab-case. */
    readonly name: string;
    /** One line: what must hold. */
    readonly title: string;
    readonly severity: Severity;
    /** What goes wrong without it. */
    readonly why: string;
    /** What to write instead. */
    readonly fix: string;
    /** Where the fact behind it is written. */
    readonly link: string;
    /** Its level in the presets baseline, recommended and strict. */
    readonly levels: readonly [baseline: Level, recommended: Level, strict: Level];
}

/** What a rule finds wrong at one field. */
export interface RuleFinding {
    /** Path to the field, from the object's root. */
    readonly path: string;
    /** What is wrong. Names objects, containers and paths, never a value. */
    readonly message: string;
    /** Of a field's form: what a program that fixes it has to know. Default: the value is wrong. */
    readonly kind?: "unknown field" | "wrong name" | "not text";
}

/** A finding of a relation, with the object that it is put down to. */
export interface RelationFinding extends RuleFinding {
    readonly object: KubeObject;
}

/** A rule on one object alone. */
export interface ObjectRule extends RuleFacts {
    readonly scope: "object";
    /** Kinds it applies to; all kinds when absent. */
    readonly kinds?: readonly string[];
    readonly check: (subject: Subject, parameters: Parameters) => Iterable<RuleFinding>;
}

/** A rule on how objects relate; it runs when all of them are there. */
export interface StackRule extends RuleFacts {
    readonly scope: "stack";
    readonly check: (world: World, parameters: Parameters) => Iterable<RelationFinding>;
}

/** A rule whose findings the run itself makes: what it could not read, render or exempt. */
export interface RunRule extends RuleFacts {
    readonly scope: "run";
}

export type Rule = ObjectRule | StackRule | RunRule;

/** A rule on every object of some kinds. */
export function objectRule(
    facts: RuleFacts & { readonly kinds?: readonly string[] },
    check: ObjectRule["check"],
): ObjectRule {
    return { ...facts, scope: "object", check };
}

/** A rule on every pod and pod template. */
export function podRule(
    facts: RuleFacts & { readonly kinds: readonly string[] },
    check: (pod: Pod, parameters: Parameters) => Iterable<RuleFinding>,
): ObjectRule {
    return objectRule(facts, function* ({ object, view }, parameters) {
        for (const pod of [...podsOf(object, view), ...stepsOf(object, view)]) yield* check(pod, parameters);
    });
}

/** All roles that a container can have. */
export const ALL_ROLES: readonly Role[] = ["container", "init", "sidecar", "ephemeral"];

/** Which containers a rule is about. */
interface ContainerScope {
    readonly kinds: readonly string[];
    /** Default: all. */
    readonly roles?: readonly Role[];
    /** Whether the API refuses the field in pods whose `os.name` is windows. Default: false. */
    readonly linuxOnly?: boolean;
}

/** A rule on every container of some roles in every pod and pod template. */
export function containerRule(
    facts: RuleFacts & ContainerScope,
    check: (container: Container, pod: Pod, parameters: Parameters) => Iterable<RuleFinding>,
): ObjectRule {
    const { roles = ALL_ROLES, linuxOnly = false, ...rest } = facts;
    return podRule(rest, function* (pod, parameters) {
        if (linuxOnly && pod.spec.at("os", "name").string() === "windows") return;
        for (const container of pod.containers)
            if (roles.includes(container.role)) yield* check(container, pod, parameters);
    });
}

/** A rule on relations. */
export function stackRule(facts: RuleFacts, check: StackRule["check"]): StackRule {
    return { ...facts, scope: "stack", check };
}

/** A finding at a place. */
export function finding(place: View | string, message: string): RuleFinding {
    return { path: typeof place === "string" ? place : place.path, message };
}

/** A finding of a relation at a place of an object. */
export function relationFinding(subject: Subject, place: View | string, message: string): RelationFinding {
    return { ...finding(place, message), object: subject.object };
}
