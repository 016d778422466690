/** Keeps rules over several keys from reading values that are invalid already. */
import { keyPath } from "./errors/commands.ts";
import type { Path } from "./tree.ts";

/** Thrown when an invalid value is read. */
export class Unreadable extends Error {}

/**
 * A view of `value`, in which reading an invalid value throws `Unreadable`.
 * @param invalid Paths of invalid values, as `keyPath` writes them; none of them inside a list.
 */
export function withoutInvalid<T extends object>(value: T, invalid: ReadonlySet<string>, path: Path = []): T {
    return new Proxy(value, {
        get(target, name) {
            const child: unknown = Reflect.get(target, name);
            const childPath = [...path, name];
            if (typeof name === "string" && invalid.has(keyPath(childPath))) {
                throw new Unreadable(`${keyPath(childPath)} is invalid`);
            }
            const isBranch = typeof child === "object" && child !== null && !Array.isArray(child);
            return isBranch ? withoutInvalid(child, invalid, childPath) : child;
        },
    });
}
