/**
 * What `pulumi config set` and `pulumi config rm` do to a stack's configuration, as far as fixes use them.
 * Source: sdk/go/common/resource/properties_path.go and sdk/go/common/resource/config/object.go of pulumi/pulumi.
 */
import type { Config } from "./configuration.ts";

/** Runs commands that are joined by `&&`; what is not `pulumi config set` or `rm` is refused. */
export function runCommands(config: Config, commands: string): void {
    for (const command of commands.split(" && ")) {
        runWords(config, words(command));
    }
}

/** Runs a command, given as a shell takes it apart. */
export function runWords(config: Config, [pulumi, group, verb, ...rest]: readonly string[]): void {
    const isPath = rest[0] === "--path";
    const [key, ...values] = isPath ? rest.slice(1) : rest;
    if (pulumi !== "pulumi" || group !== "config" || key === undefined || !["set", "rm"].includes(verb ?? "")) {
        throw new Error(`cannot run ${[pulumi, group, verb, ...rest].join(" ")}`);
    }
    const path = isPath ? parsePath(key) : [key];
    const isTyped = values[0] === "--type";
    const operands = isTyped ? values.slice(2) : values;
    const isEnd = operands[0] === "--";
    const value = (isEnd ? operands[1] : operands[0]) ?? "";
    if (!isEnd && value.startsWith("-")) {
        throw new Error(`${value} is not an option of pulumi config set`);
    }
    if (verb === "rm") {
        removeAt(config, path);
    } else {
        setAt(config, path, isPath && path.length > 1 && !isTyped ? coerce(value) : value);
    }
}

function words(command: string): string[] {
    return [...command.matchAll(/(?:'[^']*'|\\'|[^\s'])+/g)].map(([word]) =>
        word.replaceAll(/'([^']*)'|\\'/g, (_, quoted?: string) => quoted ?? "'"),
    );
}

function parsePath(text: string): (string | number)[] {
    const parts = [...text.matchAll(/\["((?:\\"|[^"])*)"\]|\[(\d+)\]|\.?([^.[]+)/g)];
    if (parts.map(([part]) => part).join("") !== text) {
        throw new Error(`${text} is no path`);
    }
    return parts.map(([, quoted, index, name]) =>
        quoted !== undefined ? quoted.replaceAll('\\"', '"') : index !== undefined ? Number(index) : name!,
    );
}

function coerce(value: string): unknown {
    if (value === "true" || value === "false") {
        return value === "true";
    }
    return /^(0|-?[1-9]\d*)$/.test(value) ? Number(value) : value;
}

function setAt(root: object, [first, ...rest]: readonly (string | number)[], value: unknown): void {
    if (Array.isArray(root) && (typeof first !== "number" || first > root.length)) {
        throw new Error(`${first} is no index of a list of ${root.length}`);
    }
    const child: unknown = Reflect.get(root, first!);
    if (rest.length === 0) {
        Reflect.set(root, first!, value);
    } else if (typeof child === "object" && child !== null) {
        setAt(child, rest, value);
    } else if (child === undefined || child === null) {
        const made = typeof rest[0] === "number" ? [] : {};
        Reflect.set(root, first!, made);
        setAt(made, rest, value);
    } else {
        throw new Error(`${first} holds no object`);
    }
}

function removeAt(root: object, [first, ...rest]: readonly (string | number)[]): void {
    const child: unknown = Reflect.get(root, first!);
    if (rest.length > 0) {
        removeAt(child as object, rest);
    } else if (Array.isArray(root)) {
        root.splice(Number(first), 1);
    } else {
        Reflect.deleteProperty(root, first!);
    }
}
