/**
 * The policy pack's rules, run by the program on itself. A bare `pulumi up` runs no policy pack (pulumi#5541), so this
 * holds every object back until the whole program has been checked, and refuses all of them when one breaks a mandatory
 * rule. Rules on how objects relate to each other and to a chart's content are the pack's (`npm run policy`).
 */
import * as pulumi from "@pulumi/pulumi";
import { checkObject, type Finding } from "./check.ts";
import { describe } from "./model/object.ts";
import { UNKNOWN } from "./model/unknown.ts";
import { objectsOf } from "./resources.ts";
import { parseSettings, type Settings, SettingsError, type Target } from "./settings.ts";

export interface GuardArgs {
    /** Whether to check at all. */
    readonly enabled: boolean;
    /** The policy `kubernetes` of a `--policy-pack-config` file. */
    readonly settings: unknown;
    /** Today, for exemptions that expire: `2026-11-21`. */
    readonly today: string;
    /** Name and environment of the stack, which may have parts of their own in the settings. */
    readonly target: Target;
    /** Namespace of objects whose own is not known yet. */
    readonly namespace: string;
    /** Where the program has a value from, and the command that changes it. Default: nobody knows. */
    readonly sourceOf?: ((finding: Finding) => Source | undefined) | undefined;
}

/** A key of the program's configuration, and the command that sets it. */
export interface Source {
    readonly key: string;
    readonly fix: string;
}

/** Checks what passes through `transformation`, once `check` is called after the last resource. */
export class Guard {
    private readonly namespace: string;
    private readonly settings: Settings | undefined;
    private readonly findings: Finding[] = [];
    private readonly sourceOf: NonNullable<GuardArgs["sourceOf"]>;
    private readonly admission = Promise.withResolvers<void>();

    public constructor(args: GuardArgs) {
        this.namespace = args.namespace;
        this.sourceOf = args.sourceOf ?? (() => undefined);
        this.settings = args.enabled ? readSettings(args) : undefined;
    }

    /** Looks at each resource below the one that has it among its options, and makes it wait for the result. */
    public readonly transformation: pulumi.ResourceTransformation = ({ type, name, props, opts }) => {
        const inputs = props as Record<string, unknown>;
        const gate = type.startsWith("kubernetes:helm.sh/") ? "name" : "metadata";
        if (this.settings === undefined || !type.startsWith("kubernetes:") || !(gate in inputs)) {
            return undefined;
        }
        this.look({ type, name, inputs, protect: opts.protect === true }, this.settings);
        const admitted = pulumi.output(this.admission.promise.then(() => inputs[gate]));
        return { props: { ...inputs, [gate]: admitted }, opts };
    };

    /**
     * Lets every object pass.
     * @throws pulumi.RunError with every finding; then none of the objects that wait is ever registered.
     */
    public check(): void {
        const mandatory = this.findings.filter(({ level }) => level === "mandatory");
        if (mandatory.length > 0) {
            throw new pulumi.RunError(this.describe(mandatory));
        }
        this.admission.resolve();
    }

    private describe(findings: readonly Finding[]): string {
        const lines = findings.flatMap((finding) => {
            const { rule, object, path, message, fix, link } = finding;
            const source = this.sourceOf(finding);
            return [
                "",
                `  ${describe(object)} ${path}`,
                `      [${rule}] ${message}`,
                `      ${fix} (${link})`,
                ...(source === undefined ? [] : [`      It comes from ${source.key}: ${source.fix}`]),
            ];
        });
        const count = findings.length === 1 ? "a mandatory policy" : `mandatory policies in ${findings.length} places`;
        const wayOut =
            "If this is intended, exempt it with a reason in the file of policy.config (policy-pack/README.md).";
        return [`The program breaks ${count}; nothing was changed.`, ...lines, "", `  ${wayOut}`, ""].join("\n");
    }

    private look(
        resource: { type: string; name: string; inputs: Record<string, unknown>; protect: boolean },
        settings: Settings,
    ): void {
        const { type, name, inputs, protect } = resource;
        const secretPaths: string[] = [];
        const props = plain(inputs, "", secretPaths);
        const { namespace } = this;
        for (const object of objectsOf({
            type,
            name,
            urn: name,
            props,
            protect,
            secretPaths,
            defaultNamespace: namespace,
        })) {
            const { findings } = checkObject(
                object.namespace === undefined ? { ...object, namespace } : object,
                settings,
            );
            this.findings.push(...findings);
        }
    }
}

function readSettings({ settings, today, target }: GuardArgs): Settings {
    try {
        return parseSettings(settings, today, target);
    } catch (error) {
        throw error instanceof SettingsError ? new pulumi.RunError(error.message) : error;
    }
}

/** The inputs as plain data: what is an output, and so not known yet, is marked, and taken for a secret. */
function plain(value: unknown, path: string, secretPaths: string[]): unknown {
    if (pulumi.Output.isInstance(value) || value instanceof Promise) {
        secretPaths.push(path);
        return UNKNOWN;
    }
    if (Array.isArray(value)) {
        return value.map((item, index) => plain(item, `${path}[${index}]`, secretPaths));
    }
    if (typeof value === "object" && value !== null) {
        const entries = Object.entries(value).filter(([, item]) => item !== undefined);
        return Object.fromEntries(
            entries.map(([key, item]) => [key, plain(item, path === "" ? key : `${path}.${key}`, secretPaths)]),
        );
    }
    return value;
}
