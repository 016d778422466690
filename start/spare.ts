/**
 * Spares a process of the SDK what the SDK loads at its start and hardly any program uses. In Node's table of loaded
 * modules (`require.cache`) stand-ins wait, and load the real module when it is first touched, so that nothing is missing.
 * It leans on names of files inside the SDK; where a version has other ones, nothing is spared.
 */
import module from "node:module";

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
/**
 * Connects to V8's inspector at the start, so that functions can be turned into text; slows down all that follows. Where
 * it is used after all, it has not seen earlier files being read, and does not name them in errors about such functions.
 */
const inspector = "./runtime/closure/v8Hooks.js";

/**
 * Puts the stand-ins in their places.
 * @param sdk requires as a file in the SDK's directory does
 * @param more names of further modules
 */
export function spare(sdk: NodeJS.Require, more: readonly string[] = []): void {
    for (const name of [...unused, ...more]) standIn(sdk, name, (real, key) => memberOf(real(), key));
    for (const name of tracing) standIn(sdk, name, (real, key) => lateMember(() => real()[key]));
    standIn(sdk, inspector, (real, key) => (key === "isInitializedAsync" ? () => Promise.resolve() : real()[key]));
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
    const traps: ProxyHandler<object> = {
        get: (_, key) => (exports === undefined && key === "__esModule" ? true : member(real, key)),
        has: (_, key) => Reflect.has(real(), key),
        ownKeys: () => Reflect.ownKeys(real()),
        getOwnPropertyDescriptor: (_, key) => {
            const own = Reflect.getOwnPropertyDescriptor(real(), key);
            // A proxy may say so only of what its target, an empty object, has as well.
            return own && { ...own, configurable: true };
        },
    };
    const entry = new module.Module(file);
    sdk.cache[file] = Object.assign(entry, { filename: file, loaded: true, exports: new Proxy({}, traps) });
}

/** What an import of a module sees: one that is no ECMAScript module is, as a whole, its own default. */
function memberOf(exports: Members, key: PropertyKey): unknown {
    return key === "default" && exports["__esModule"] !== true ? exports : exports[key];
}

/** A class or function that is looked up when it is used. */
function lateMember(real: () => unknown): unknown {
    const late: unknown = new Proxy(function () {}, {
        get: (_, key) => (real() as Members)[key],
        apply: (_, self, args) => Reflect.apply(real() as () => unknown, self, args) as unknown,
        construct: (_, args, made) => {
            const constructor = real() as new () => object;
            return Reflect.construct(constructor, args, made === late ? constructor : made) as object;
        },
    });
    return late;
}
