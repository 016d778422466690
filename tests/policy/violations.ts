import { CLUSTER_SCOPED } from "../../policy-pack/model/object.ts";
import { RULES } from "../../policy-pack/rules/index.ts";
import { stackOf, TABLES } from "./rules/tables.ts";
import { at, goodStack, pick, set, type Body } from "./stack.ts";

/** Stands for a value that only an update knows. */
const UNTIL_UPDATE = "(known after the update)";

/** A resource as a program registers it. */
export interface Registration {
    /** The rule that it is there for. */
    readonly rule: string;
    readonly name: string;
    readonly type: string;
    readonly props: Body;
    readonly protect: boolean;
}

/** The configuration under which each of the violations below is one: everything mandatory, and what some rules ask for. */
export const VIOLATIONS_CONFIG = {
    preset: "strict",
    rules: Object.fromEntries(RULES.map(({ name }) => [name, "mandatory"])),
    parameters: {
        registries: ["ghcr.io/acme"],
        issuers: ["letsencrypt-prod"],
        requiredAnnotations: ["owner"],
    },
    exemptions: [{ rule: "host-path", reason: "It has been over for long.", expires: "2020-01-01" }],
};

/**
 * Parts of the violations that need a preview of their own: what a pack says where there is no helm, and a chart that no
 * engine can fetch. An engine fails at that one itself, and then asks nobody how resources relate.
 */
const PARTS: Readonly<Record<string, "helm" | "chart">> = { "release-render": "helm", "release-version": "chart" };

/** The parts of the violations. */
export type Part = "all" | "helm" | "chart";

const OWNER = ["metadata", "annotations", "owner"] as const;

/** What breaks the rules that their tables have no breach for, or none under the configuration above. */
const SPECIAL: Readonly<Record<string, () => readonly Body[]>> = {
    annotations: () => [without(pick(goodStack(), "Service"), OWNER)],
    "deprecated-api": () => [{ apiVersion: "v1", kind: "Endpoints", metadata: { name: "old" }, subsets: [] }],
    "image-registry": () => [
        withValue(pick(goodStack(), "Job"), ["spec", "template", "spec", "containers", 0, "image"], "quay.io/x/y:v1"),
    ],
    "ingress-issuer": () => [
        withValue(pick(goodStack(), "Ingress"), ["metadata", "annotations", "cert-manager.io/cluster-issuer"], "own"),
    ],
    "unknown-values": () => [withValue(pick(goodStack(), "ConfigMap"), ["data", "mode"], UNTIL_UPDATE)],
    "release-render": () => [release({})],
    // The provider's own defaults of these are in place before a policy is asked.
    "release-name": () => [release({}, { name: "release-name.release-0123abcd" })],
    "release-timeout": () => [release({}, { timeout: 0 })],
    "secret-in-release-values": () => [release({ password: "not-for-anybody" })],
    "stateful-protected": () => [pick(goodStack(), "StatefulSet")],
    // Its breach is in the configuration.
    exemptions: () => [],
};

/** Resources that break the rules of a part, each in a namespace that is named for the rule. */
export function violations(part: Part): readonly Registration[] {
    return RULES.flatMap(({ name: rule, scope }) => {
        if ((PARTS[rule] ?? "all") !== part) return [];
        const namespace = `violation-${rule}`;
        return objectsFor(rule, scope).map((body): Registration => {
            const { apiVersion, kind } = body as { apiVersion: string; kind: string };
            const props = placed(body, namespace, rule !== "annotations");
            const version = apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`;
            return {
                rule,
                name:
                    kind === "Release" ? `${rule}.release` : `${rule}.${kind}.${String(at(body, "metadata", "name"))}`,
                type: `kubernetes:${version}:${kind}`,
                props: kind === "Release" ? inputsOf(props) : props,
                protect: rule !== "stateful-protected",
            };
        });
    });
}

/** Puts something unknown in the places that are marked for it. */
export function withUnknown(value: unknown, unknown: unknown): unknown {
    if (value === UNTIL_UPDATE) return unknown;
    if (Array.isArray(value)) return value.map((item) => withUnknown(item, unknown));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, withUnknown(below, unknown)]));
}

function objectsFor(rule: string, scope: string): readonly Body[] {
    const special = SPECIAL[rule];
    if (special !== undefined) return special();
    const table = TABLES.find((candidate) => candidate.rule === rule && candidate.breaks.length > 0);
    const [kind] = table?.on ?? [];
    const broken = table?.breaks.find(({ config }) => config === undefined);
    if (kind === undefined || broken === undefined) throw new Error(`nothing here breaks the rule ${rule}`);
    const { stack, target } = stackOf(kind, broken);
    // How objects relate takes all of them.
    return scope === "stack" ? stack : [target];
}

function release(values: Body, other: Body = {}): Body {
    const rest = { chart: "./chart", name: "inner", namespace: "shop", atomic: true, timeout: 600, maxHistory: 10 };
    return { apiVersion: "helm.sh/v3", kind: "Release", ...rest, ...other, values };
}

/** A table's Release has a kind and a name like any object, which no input of the resource is. */
function inputsOf(body: Body): Body {
    const foreign = ["apiVersion", "kind", "metadata"];
    return Object.fromEntries(Object.entries(body).filter(([key]) => !foreign.includes(key)));
}

/** An object in another namespace; what has none gets a name of its own. */
function placed(body: Body, namespace: string, owned: boolean): Body {
    const text = JSON.stringify(body).replaceAll('"namespace":"shop"', `"namespace":"${namespace}"`);
    const moved = JSON.parse(text) as Body;
    const name = at(moved, "metadata", "name") as string | undefined;
    if (moved["kind"] === "Namespace" && name === "shop") set(moved, ["metadata", "name"], namespace);
    else if (CLUSTER_SCOPED.has(String(moved["kind"])) && name !== undefined)
        set(moved, ["metadata", "name"], `${name}-${namespace}`);
    if (owned && name !== undefined && at(moved, ...OWNER) === undefined) {
        const annotations = at(moved, "metadata", "annotations");
        if (annotations === undefined || typeof annotations === "object") set(moved, OWNER, "nobody");
    }
    return moved;
}

function withValue(body: Body, path: readonly (string | number)[], value: unknown): Body {
    set(body, path, value);
    return body;
}

function without(body: Body, path: readonly (string | number)[]): Body {
    return withValue(body, path, undefined);
}
