/** Runs components, or the whole program, against recording mocks: nothing leaves the process. */
import { readFileSync } from "node:fs";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";

/** A registered resource with its resolved inputs. */
export interface Recorded {
    readonly type: string;
    readonly name: string;
    readonly inputs: Record<string, unknown>;
}

export type Config = Record<string, unknown>;

const root = path.resolve(import.meta.dirname, "../..");
const project = "tradestream";
let runs = 0;

/** Starts recording; every resource created from now on is in the returned list once `settle` has resolved. */
export function record(stack: string, options: { preview?: boolean } = {}): Recorded[] {
    const recorded: Recorded[] = [];
    pulumi.runtime.setMocks(
        {
            newResource: ({ type, name, inputs }) => {
                recorded.push({ type, name, inputs: inputs as Record<string, unknown> });
                return { id: `${name}-id`, state: { ...inputs, ...outputs(type, name, inputs as Config) } };
            },
            call: ({ token }) => {
                throw new Error(`${token} is called, and nothing here should call anything`);
            },
        },
        project,
        stack,
        options.preview ?? false,
    );
    return recorded;
}

function outputs(type: string, name: string, inputs: Config): Config {
    switch (type) {
        case "random:index/randomPassword:RandomPassword":
            return { result: name.padEnd(Number(inputs["length"]), "x") };
        case "random:index/randomBytes:RandomBytes":
            return { base64: Buffer.alloc(Number(inputs["length"]), name).toString("base64") };
        default:
            return {};
    }
}

/** The configuration of a stack file, by key without project. */
export function stackConfig(stack: string): Config {
    const file = parse(readFileSync(path.join(root, `Pulumi.${stack}.yaml`), "utf8")) as { config: Config };
    return Object.fromEntries(Object.entries(file.config).map(([key, value]) => [key.slice(project.length + 1), value]));
}

/** Secrets that every stack but `local` needs. */
export const requiredSecrets: Readonly<Record<string, string>> = {
    resendApiKey: "re_test",
    googleClientId: "google-id",
    googleClientSecret: "google-secret",
    githubClientId: "github-id",
    githubClientSecret: "github-secret",
};

/** Values as Pulumi keeps them: strings, objects as JSON. */
export function rawConfig(config: Config): Record<string, string> {
    return Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
    );
}

/** Runs the whole program with this configuration and returns what it registers. */
export async function runProgram(
    stack: string,
    config: Config,
    options: { preview?: boolean } = {},
): Promise<{ recorded: readonly Recorded[]; outputs: Record<string, unknown> }> {
    const raw = Object.entries(rawConfig(config)).map(([key, value]) => [`${project}:${key}`, value]);
    pulumi.runtime.setAllConfig(Object.fromEntries(raw) as Record<string, string>);
    const recorded = record(stack, options);
    const outputs = (await import(`../../index.ts?run=${++runs}`)) as Record<string, unknown>;
    await settle();
    return { recorded, outputs };
}

/** Waits until every registration that was begun has finished. */
export async function settle(): Promise<void> {
    await pulumi.runtime.disconnect();
}
