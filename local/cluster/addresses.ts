/** Arithmetic on IPv4 ranges, such as `10.214.0.0/24`. */

export interface Range {
    /** First address as a number. */
    readonly base: number;
    /** Prefix length, 0 to 32. */
    readonly prefix: number;
}

/** Reads a range in CIDR notation. Throws when it is none, or when its address is not the first of the range. */
export function parseRange(text: string): Range {
    const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
    const numbers = match?.slice(1).map(Number) ?? [];
    const [a = 256, b = 256, c = 256, d = 256, prefix = 33] = numbers;
    if ([a, b, c, d].some((part) => part > 255) || prefix > 32) {
        throw new RangeError(`"${text}" is not an IPv4 range such as 10.214.0.0/24`);
    }
    const base = ((a * 256 + b) * 256 + c) * 256 + d;
    if (base % size({ base, prefix }) !== 0) {
        throw new RangeError(`"${text}" does not begin at the first address of a /${prefix} range`);
    }
    return { base, prefix };
}

/** How many addresses the range has. */
export function size(range: Range): number {
    return 2 ** (32 - range.prefix);
}

/** The address number `offset` of the range, dotted. Throws outside the range. */
export function addressAt(text: string, offset: number): string {
    const range = parseRange(text);
    if (offset < 0 || offset >= size(range)) throw new RangeError(`${text} has no address number ${offset}`);
    const address = range.base + offset;
    return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** Whether two ranges share an address. */
export function overlap(one: string, other: string): boolean {
    const [a, b] = [parseRange(one), parseRange(other)];
    return a.base < b.base + size(b) && b.base < a.base + size(a);
}
