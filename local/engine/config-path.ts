/** Paths into configuration values, as `pulumi config set --path` and `pulumi up --config-path` take them. */
import { UsageError } from "./errors.ts";
import { isObject } from "./values.ts";

type Step = string | number;

/** Takes `a.b[0]["c.d"]` apart. Throws a {@link UsageError} for what is no path. */
export function parsePath(path: string): readonly [string, ...Step[]] {
    const steps: Step[] = [];
    const pattern = /\.?([^.[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/gy;
    while (pattern.lastIndex < path.length) {
        const [, name, index, quoted] = pattern.exec(path) ?? [];
        const step = name ?? (index === undefined ? quoted?.replaceAll('\\"', '"') : Number(index));
        if (step === undefined) throw new UsageError(`--config ${path}: expected a path such as a.b[0]["c.d"]`);
        steps.push(step);
    }
    const [key, ...rest] = steps;
    if (typeof key !== "string") throw new UsageError(`--config ${path}: a path begins with a key`);
    return [key, ...rest];
}

/**
 * Sets one member of a value and leaves the rest.
 * @param text the value as the program gets it: JSON; nothing for a value that is not set
 * @param member `true`, `false` and whole numbers are taken as such, everything else as a string, as Pulumi does
 */
export function setMember(text: string | undefined, steps: readonly Step[], member: string): string {
    const value: unknown = /^(true|false|-?(0|[1-9]\d*))$/.test(member) ? JSON.parse(member) : member;
    return JSON.stringify(withMember(text === undefined || text === "" ? undefined : JSON.parse(text), steps, value));
}

function withMember(holder: unknown, steps: readonly Step[], value: unknown): unknown {
    const [step, ...rest] = steps;
    if (step === undefined) return value;
    if (typeof step === "number") {
        const list: unknown[] = Array.isArray(holder) ? [...(holder as unknown[])] : [];
        list[step] = withMember(list[step], rest, value);
        return list;
    }
    const map = isObject(holder) ? holder : {};
    return { ...map, [step]: withMember(map[step], rest, value) };
}
