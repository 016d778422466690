/** Keeps rules over several keys from judging values that are wrong already. */
import { keyPath } from "./errors/commands.ts";
import type { Path } from "./tree.ts";

/** Thrown when a value at fault is read. */
export class Unreadable extends Error {}

/**
 * A view of `value`, in which reading a value at fault throws `Unreadable`.
 * @param faulty Paths of values at fault, as `keyPath` writes them; none of them inside a list.
 */
export function withoutFaulty<T extends object>(value: T, faulty: ReadonlySet<string>, path: Path = []): T {
    return new Proxy(value, {
        get(target, name) {
            const child: unknown = Reflect.get(target, name);
            const childPath = [...path, name];
            if (typeof name === "string" && faulty.has(keyPath(childPath))) {
                throw new Unreadable(`${keyPath(childPath)} is at fault`);
            }
            const isBranch = typeof child === "object" && child !== null && !Array.isArray(child);
            return isBranch ? withoutFaulty(child, faulty, childPath) : child;
        },
    });
}
