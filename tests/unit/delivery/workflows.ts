/** Reads the workflows and the composite action, for the tests about delivery. */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { parse } from "yaml";

export const root = path.resolve(import.meta.dirname, "../../..");
export const actionDirectory = path.join(root, ".github/actions/stack");

export interface Step {
    readonly name?: string;
    readonly uses?: string;
    readonly run?: string;
    readonly if?: string;
    readonly with?: Readonly<Record<string, unknown>>;
    readonly env?: Readonly<Record<string, unknown>>;
}

export interface Job {
    readonly name?: string;
    readonly if?: string;
    readonly needs?: string | readonly string[];
    readonly uses?: string;
    readonly permissions?: Readonly<Record<string, string>>;
    readonly environment?: string;
    readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": boolean };
    readonly "timeout-minutes"?: number;
    readonly steps: readonly Step[];
}

export interface Workflow {
    readonly on: Readonly<Record<string, unknown>>;
    readonly permissions?: Readonly<Record<string, string>>;
    readonly jobs: Readonly<Record<string, Job>>;
}

export const names = ["pull-request", "policy", "deploy", "drift", "release"] as const;
export type Name = (typeof names)[number];

export function text(file: string): string {
    return readFileSync(path.join(root, file), "utf8");
}

export function workflow(name: Name): Workflow {
    return parse(text(`.github/workflows/${name}.yml`)) as Workflow;
}

/** The steps of the composite action that all jobs with credentials share. */
export function actionSteps(): readonly Step[] {
    return (parse(text(".github/actions/stack/action.yml")) as { runs: { steps: Step[] } }).runs.steps;
}

/** Every job, with the workflow it is in. */
export function jobs(): { readonly workflow: Name; readonly id: string; readonly job: Job }[] {
    return names.flatMap((name) =>
        Object.entries(workflow(name).jobs).map(([id, job]) => ({ workflow: name, id, job })),
    );
}

/** Every file that GitHub runs. */
export function files(): string[] {
    const workflows = readdirSync(path.join(root, ".github/workflows")).map((file) => `.github/workflows/${file}`);
    return [...workflows, ".github/actions/stack/action.yml"];
}

/** The job's `script` for actions/github-script. Throws when it has none. */
export function script(job: Job | undefined): string {
    const step = job?.steps.find(({ uses }) => uses?.startsWith("actions/github-script@"));
    if (typeof step?.with?.["script"] !== "string") throw new Error("the job runs no script");
    return step.with["script"];
}

/** The script of a job's one step that has this text. Throws when there is none, or another. */
export function command(name: Name, job: string, part: string): string {
    const [found, ...others] = (workflow(name).jobs[job]?.steps ?? []).flatMap(({ run }) =>
        run?.includes(part) ? [run] : [],
    );
    if (found === undefined || others.length > 0) throw new Error(`${name}/${job} has no one step with ${part}`);
    return found;
}

type Script = (github: object, context: object, core?: object, exec?: object) => Promise<void>;
const AsyncFunction = Object.getPrototypeOf(async () => Promise.resolve()) as {
    constructor: new (...text: string[]) => (...values: unknown[]) => Promise<void>;
};

/** A script, as actions/github-script calls it. */
export function callable(text: string): Script {
    const called = new AsyncFunction.constructor("require", "github", "context", "core", "exec", text);
    return (...values) => called(createRequire(import.meta.url), ...values);
}
