/** Runs a Pulumi program with the SDK's mocks: no CLI, no cluster, no state. */
import { createHash } from "node:crypto";
import { pathToFileURL } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import type resources from "@pulumi/pulumi/proto/resource_pb.js";
import type { StackProject, Tree } from "./configuration.ts";

/** A Kubernetes object or a Helm release that the program registers. */
export interface Registration {
    readonly type: string;
    readonly name: string;
    readonly urn: string;
    /** Inputs as the SDK sends them, with marked secrets. */
    readonly inputs: Tree;
    /** URNs of the resources that this one needs. */
    readonly dependencies: readonly string[];
}

interface Monitor {
    registerResource(request: resources.RegisterResourceRequest, callback: unknown): Promise<void>;
}

/** Characters of a generated password, by the inputs that switch them off. */
const characters = {
    upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    lower: "abcdefghijklmnopqrstuvwxyz",
    numeric: "0123456789",
    special: "!@#$%&*()-_=+[]{}<>:?",
};

/**
 * Runs the program of a stack in this process, once: Node.js keeps modules.
 * @returns what it registers, dependencies first, otherwise in the order of the URNs
 * @throws what the program throws
 */
export async function runProgram({ name, main, config }: StackProject, stack: string): Promise<Registration[]> {
    const registered = new Map<string, Registration>();
    let seed = "";
    const newResource = ({ type, inputs }: { readonly type: string; readonly inputs: Tree }) => ({
        id: undefined, // unknown, as in a preview
        state: type.startsWith("random:") ? { ...inputs, result: pulumi.secret(placeholder(inputs, seed)) } : inputs,
    });
    const call = ({ token }: { readonly token: string }): never => {
        throw new Error(`the program calls ${token}, which needs a provider`);
    };
    await pulumi.runtime.setMocks({ newResource, call }, name, stack, true);
    // The mocks' own interface leaves out parents and dependencies.
    const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request, callback) => {
        const parent = request.getParent().split("::")[2]?.split("$").at(-1);
        const types = [...(parent === undefined ? [] : [parent]), request.getType()].join("$");
        const urn = `urn:pulumi:${stack}::${name}::${types}::${request.getName()}`;
        seed = urn.replace("pulumi:pulumi:Stack$", "");
        if (/^kubernetes:.*\//.test(request.getType()))
            registered.set(urn, {
                type: request.getType(),
                name: request.getName(),
                urn,
                inputs: request.getObject()?.toJavaScript() ?? {},
                dependencies: request.getDependenciesList(),
            });
        return register(request, callback);
    };
    pulumi.runtime.setAllConfig(config);
    await import(pathToFileURL(main).href);
    await pulumi.runtime.disconnect();
    return inOrder(registered);
}

/** A password that is the same in each run. */
function placeholder(inputs: Tree, seed: string): string {
    let block = 0;
    const hash = (): Buffer => createHash("sha256").update(`${seed}\0${block++}`).digest();
    const below = (limit: number): number => hash().readUIntBE(0, 6) % limit;
    const kinds = Object.entries(characters).filter(([kind]) => inputs[kind] !== false);
    const allowed = kinds.map(([, set]) => set).join("");
    const text = Array.from({ length: Number(inputs["length"]) }, () => allowed[below(allowed.length)] ?? "");
    for (let last = text.length - 1; last > 0; last--) {
        const other = below(last + 1);
        [text[last], text[other]] = [text[other] ?? "", text[last] ?? ""];
    }
    return text.join("");
}

function inOrder(registered: ReadonlyMap<string, Registration>): Registration[] {
    const level = (urn: string): number => {
        const needs = registered.get(urn)?.dependencies.filter((other) => registered.has(other)) ?? [];
        return Math.max(0, ...needs.map((other) => 1 + level(other)));
    };
    const keyed = [...registered].map(([urn, item]) => ({
        item,
        level: level(urn),
        urn: urn.replace("pulumi:pulumi:Stack$", ""),
    }));
    keyed.sort((a, b) => a.level - b.level || (a.urn < b.urn ? -1 : 1));
    return keyed.map(({ item }) => item);
}
