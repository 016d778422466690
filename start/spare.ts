/**
 * Spares a process of the SDK what the SDK loads at its start and hardly any program uses: half of a program's time. In
 * Node's table of loaded modules (`require.cache`) stand-ins wait, and load the real module when it is first touched, so
 * that nothing is missing. It leans on names of files inside the SDK; where a version has other ones, nothing is spared.
 */
import fs from "node:fs";
import module from "node:module";
import path from "node:path";

type Members = Record<PropertyKey, unknown>;

/** Names as files in the SDK's directory call them. */
const unused = [
    // functions turned into text: the TypeScript compiler, npm's dependency solver and reader of packages
    "./typescript-shim.js",
    "@npmcli/arborist",
    "normalize-package-data",
    // components that are given to other languages
    "js-yaml",
    // manifests found by patterns (@pulumi/kubernetes takes it from the same place)
    "glob",
    // Pulumi driven by a program
    "./automation/index.js",
];
/** Packages of tracing: the SDK takes classes and functions from them at once, and uses none unless it traces. */
const tracing = [
    "exporter-zipkin",
    "instrumentation",
    "instrumentation-grpc",
    "resources",
    "sdk-trace-base",
    "sdk-trace-node",
].map((name) => `@opentelemetry/${name}`);
/** Connects to V8's inspector at the start, so that functions can be turned into text; slows down all that follows. */
const inspector = "./runtime/closure/v8Hooks.js";

/** Puts the stand-ins in their places. `sdk` requires as a file in the SDK's directory does. */
export function spare(sdk: NodeJS.Require): void {
    for (const name of [...unused, ...apiGroups(sdk)]) standIn(sdk, name, (real, key) => memberOf(real(), key));
    for (const name of tracing) standIn(sdk, name, (real, key) => lateMember(() => real()[key]));
    standIn(sdk, inspector, (real, key) => (key === "isInitializedAsync" ? () => Promise.resolve() : real()[key]));
}

/** The modules of Kubernetes' API groups: the provider's SDK loads all of them, a program uses a few. */
function apiGroups(sdk: NodeJS.Require): string[] {
    let directory: string;
    try {
        directory = path.dirname(sdk.resolve("@pulumi/kubernetes"));
    } catch {
        return [];
    }
    return fs
        .readdirSync(directory)
        .map((group) => path.join(directory, group, "index.js"))
        .filter((file) => fs.existsSync(file));
}

/**
 * A stand-in for a module, unless it is loaded already or this version of the SDK has no such module. `member` gives what
 * is read from it.
 */
function standIn(sdk: NodeJS.Require, name: string, member: (real: () => Members, key: PropertyKey) => unknown): void {
    let file: string;
    try {
        file = sdk.resolve(name);
    } catch {
        return;
    }
    if (sdk.cache[file] !== undefined) return;
    let exports: Members | undefined;
    const real = (): Members => {
        if (exports === undefined) {
            sdk.cache[file] = undefined;
            exports = sdk(file) as Members;
        }
        return exports;
    };
    const get = (_: object, key: PropertyKey): unknown =>
        exports === undefined && key === "__esModule" ? true : member(real, key);
    const entry = new module.Module(file);
    sdk.cache[file] = Object.assign(entry, { filename: file, loaded: true, exports: new Proxy({}, { get }) });
}

/** What an import of a module sees: one that is no ECMAScript module is, as a whole, its own default. */
function memberOf(exports: Members, key: PropertyKey): unknown {
    return key === "default" && exports["__esModule"] !== true ? exports : exports[key];
}

/** A class or function that is looked up when it is used. */
function lateMember(real: () => unknown): unknown {
    return new Proxy(class {}, {
        get: (_, key) => (real() as Members)[key],
        apply: (_, self, args) => Reflect.apply(real() as () => unknown, self, args) as unknown,
        construct: (_, args) => Reflect.construct(real() as new () => object, args) as object,
    });
}
