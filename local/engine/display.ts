/** Shows a run to a person: progress on standard error, the plan and the summary on standard output. */
import { styleText } from "node:util";
import { difference } from "./difference.ts";
import type { Events, Failure, Operation, Outcome, Step } from "./events.ts";
import type { Redactor } from "./redact.ts";
import { urnName, urnType } from "./urn.ts";
import { equal } from "./values.ts";
import type { Values } from "./values.ts";

type Format = Parameters<typeof styleText>[0];

const signs: Readonly<Record<Operation, { sign: string; format: Format; doing: string; did: string; plural: string }>> =
    {
        same: { sign: " ", format: "dim", doing: "unchanged", did: "unchanged", plural: "unchanged" },
        create: { sign: "+", format: "green", doing: "creating", did: "created", plural: "to create" },
        update: { sign: "~", format: "yellow", doing: "updating", did: "updated", plural: "to update" },
        replace: { sign: "+-", format: "magenta", doing: "replacing", did: "replaced", plural: "to replace" },
        delete: { sign: "-", format: "red", doing: "deleting", did: "deleted", plural: "to delete" },
        "delete-replaced": {
            sign: "-",
            format: "red",
            doing: "deleting the replaced",
            did: "deleted the replaced",
            plural: "replaced to delete",
        },
        forget: { sign: "-", format: "dim", doing: "forgetting", did: "forgotten", plural: "to forget" },
    };
const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

export interface DisplayOptions {
    readonly stdout: NodeJS.WriteStream;
    readonly stderr: NodeJS.WriteStream;
    readonly redactor: Redactor;
    /** No plan and no summary on standard output: a JSON document comes there. */
    readonly quiet: boolean;
}

export class Display implements Events {
    readonly #options: DisplayOptions;
    readonly #running = new Map<string, { step: Step; start: number; note: string }>();
    readonly #noted = new Set<string>();
    #timer: NodeJS.Timeout | undefined;
    #frame = 0;
    #drawn = 0;

    constructor(options: DisplayOptions) {
        this.#options = options;
    }

    planned(): void {
        // what is only planned is shown together, by plan()
    }

    started(step: Step): void {
        this.#running.set(step.urn, { step, start: performance.now(), note: "" });
        if (this.#options.stderr.isTTY) this.#timer ??= setInterval(() => this.#draw(), 120);
        else this.#line(this.#label(step, signs[step.operation].doing));
    }

    progress(step: Step, text: string): void {
        const entry = this.#running.get(step.urn);
        if (entry === undefined || entry.note === text) return;
        entry.note = text;
        if (!this.#options.stderr.isTTY) this.#line(`    ${step.name}: ${text.split("\n")[0]}`);
    }

    done(step: Step, seconds: number): void {
        this.#running.delete(step.urn);
        this.#line(
            this.#label(
                step,
                `${signs[step.operation].did} (${seconds < 1 ? seconds.toFixed(1) : Math.round(seconds)}s)`,
            ),
        );
        this.#stopWhenIdle();
    }

    failed(step: Step, message: string): void {
        this.#running.delete(step.urn);
        this.#line(this.#paint("red", `${this.#label(step, "failed", false)}\n${indented(message, "    ")}`));
        this.#stopWhenIdle();
    }

    message(severity: "info" | "warning" | "error", text: string, urn = ""): void {
        const where = urn === "" || urnType(urn) === "pulumi:pulumi:Stack" ? "" : `${urnName(urn)}: `;
        const head =
            severity === "info" ? "" : `${this.#paint(severity === "error" ? "red" : "yellow", `${severity}:`)} `;
        this.#line(`${head}${where}${text.replace(/\n$/, "")}`);
    }

    /** Like a message, but the same text only once. */
    once(text: string): void {
        if (this.#noted.has(text)) return;
        this.#noted.add(text);
        this.message("warning", text);
    }

    /** The changes of a plan with their differences. */
    plan(outcome: Outcome): void {
        for (const step of outcome.steps) {
            if (step.operation === "same" && step.plan?.reason === undefined) continue;
            this.#print(this.#label(step, step.plan?.reason ?? ""));
            this.#difference(step);
        }
        this.#outputs(outcome.oldOutputs, outcome.outputs);
    }

    /** What was done, or would be; failures by name. */
    summary(outcome: Outcome, options: { readonly planned: boolean; readonly seconds: number }): void {
        const counts = countsOf(outcome.steps);
        this.#print("");
        this.#print("Resources:");
        for (const [operation, count] of Object.entries(counts) as [Operation, number][]) {
            const { sign, format, plural, did } = signs[operation];
            const text =
                operation === "same" ? `${count} unchanged` : `${sign} ${count} ${options.planned ? plural : did}`;
            this.#print(`    ${this.#paint(format, text, this.#options.stdout)}`);
        }
        this.#failures(outcome.failures);
        if (!options.planned) this.#print("", `Duration: ${formatted(options.seconds)}`);
    }

    /** A line of a result. */
    print(text: string): void {
        this.#print(text);
    }

    stop(): void {
        clearInterval(this.#timer);
        this.#timer = undefined;
        this.#clear();
    }

    #failures(failures: readonly Failure[]): void {
        if (failures.length === 0) return;
        this.#print("", this.#paint("red", `Failed: ${failures.length}`, this.#options.stdout));
        for (const { name, message } of failures)
            this.#print(indented(name === "" ? message : `${name}: ${message}`, "    "));
    }

    #difference(step: Step): void {
        const { plan, before } = step;
        if (plan === undefined && before === undefined) return;
        const isNew = step.operation === "create";
        const from = isNew ? undefined : (plan?.before ?? before);
        const to = step.operation.startsWith("delete") || step.operation === "forget" ? undefined : plan?.after;
        if (to === undefined && plan !== undefined) return;
        const formats: Readonly<Record<string, { sign: string; format: Format | undefined }>> = {
            added: { sign: "+", format: "green" },
            removed: { sign: "-", format: "red" },
            same: { sign: " ", format: undefined },
        };
        if (to === undefined) return; // what goes away is named, not listed
        for (const { kind, text } of difference(from, to)) {
            const { sign, format } = formats[kind] ?? { sign: " ", format: undefined };
            const line = `      ${sign} ${text}`;
            this.#print(format === undefined ? line : this.#paint(format, line, this.#options.stdout));
        }
    }

    #outputs(before: Values, after: Values): void {
        if (equal(before, after)) return;
        this.#print("", "Outputs:");
        for (const { kind, text } of difference(Object.keys(before).length === 0 ? undefined : before, after)) {
            const format: Format = kind === "added" ? "green" : kind === "removed" ? "red" : "dim";
            this.#print(
                this.#paint(
                    format,
                    `    ${kind === "added" ? "+" : kind === "removed" ? "-" : " "} ${text}`,
                    this.#options.stdout,
                ),
            );
        }
    }

    #label(step: Step, text: string, painted = true): string {
        const { sign, format } = signs[step.operation];
        const head = `${sign.padEnd(2)} ${step.type} ${step.name}`;
        return `${painted ? this.#paint(format, head, this.#options.stdout) : head}${text === "" ? "" : ` ${text}`}`;
    }

    #paint(format: Format, text: string, stream: NodeJS.WriteStream = this.#options.stderr): string {
        return styleText(format, text, { stream });
    }

    #print(...lines: readonly string[]): void {
        if (this.#options.quiet) return;
        this.#clear();
        for (const line of lines) this.#options.stdout.write(`${this.#options.redactor.redact(line)}\n`);
    }

    #line(text: string): void {
        this.#clear();
        this.#options.stderr.write(`${this.#options.redactor.redact(text)}\n`);
    }

    #draw(): void {
        this.#clear();
        const width = Math.max(40, this.#options.stderr.columns || 80) - 1;
        const lines = [...this.#running.values()].slice(0, 12).map(({ step, start, note }) => {
            const seconds = Math.round((performance.now() - start) / 1000);
            const text = `${frames[this.#frame % frames.length]} ${step.type} ${step.name} ${signs[step.operation].doing} (${seconds}s) ${note.split("\n")[0]}`;
            return this.#options.redactor.redact(text).slice(0, width);
        });
        this.#frame++;
        this.#options.stderr.write(lines.map((line) => `${line}\n`).join(""));
        this.#drawn = lines.length;
    }

    #clear(): void {
        if (this.#drawn > 0) this.#options.stderr.write(`\u001b[${this.#drawn}A\u001b[0J`);
        this.#drawn = 0;
    }

    #stopWhenIdle(): void {
        if (this.#running.size === 0) this.stop();
    }
}

/** How many resources each operation concerns, in a fixed order. */
export function countsOf(steps: readonly Step[]): Partial<Record<Operation, number>> {
    const order: readonly Operation[] = ["create", "update", "replace", "delete", "delete-replaced", "forget", "same"];
    const counted = order.map(
        (operation) => [operation, steps.filter((step) => step.operation === operation).length] as const,
    );
    return Object.fromEntries(counted.filter(([, count]) => count > 0));
}

function indented(text: string, prefix: string): string {
    return text
        .split("\n")
        .map((line) => `${prefix}${line}`)
        .join("\n");
}

function formatted(seconds: number): string {
    return seconds < 60 ? `${seconds.toFixed(1)}s` : `${Math.floor(seconds / 60)}m${Math.round(seconds % 60)}s`;
}
