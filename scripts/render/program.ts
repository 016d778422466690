/** Runs a Pulumi program with the SDK's mocks: no CLI, no cluster, no state. */
import { createHash } from "node:crypto";
import { pathToFileURL } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import type { StackProject, Tree } from "./configuration.ts";

/** A Kubernetes object or a Helm release that the program registers. */
export interface Registration {
    readonly type: string;
    readonly name: string;
    /** Inputs with the SDK's marks for secret and unknown values. */
    readonly inputs: Tree;
}

/**
 * Runs the program of a stack in this process, once: Node.js keeps modules.
 * @returns what it registers: namespaces first, then by type and name
 */
export async function runProgram({ name, main, config }: StackProject, stack: string): Promise<Registration[]> {
    const registered: Registration[] = [];
    const mocks: pulumi.runtime.Mocks = {
        newResource: (resource) => {
            const { type, inputs } = resource as { readonly type: string; readonly inputs: Tree };
            // A stack that has never been deployed.
            if (type === "pulumi:pulumi:StackReference") return { id: resource.id, state: { ...inputs, outputs: {} } };
            // What is only read has an id, and is none of the program's objects. Left out, its metadata would be unknown, and a
            // program that waits for it would wait for ever.
            if ((resource.id ?? "") !== "") return { id: resource.id, state: { ...inputs, metadata: {} } };
            if (/^kubernetes:.*\//.test(type)) registered.push({ type, name: resource.name, inputs });
            const result = type.startsWith("random:") && { result: pulumi.secret(placeholder(resource.name, inputs)) };
            return { id: undefined, state: { ...inputs, ...result } }; // The id is unknown, as in a preview.
        },
        call: ({ token }) => {
            throw new Error(`the program calls ${token}, which needs a provider`);
        },
    };
    await pulumi.runtime.setMocks(mocks, name, stack, true, "organization");
    pulumi.runtime.setAllConfig(config);
    await import(pathToFileURL(main).href);
    await pulumi.runtime.disconnect();
    const key = ({ type, name: own }: Registration): string => `${type.endsWith(":Namespace") ? 0 : 1} ${type} ${own}`;
    return registered.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** A password that is the same in each run, letters and digits only. */
function placeholder(name: string, { length }: Tree): string {
    let text = "";
    while (text.length < Number(length)) text += createHash("sha256").update(`${name} ${text}`).digest("hex");
    return text.slice(0, Number(length));
}
