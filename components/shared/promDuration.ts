const units = [
    ["d", 86_400],
    ["h", 3600],
    ["m", 60],
    ["s", 1],
] as const;

/** A duration as Prometheus writes it, in its largest whole unit; a second at least. */
export function promDuration(seconds: number): string {
    const whole = Math.max(1, Math.round(seconds));
    const [unit, size] = units.find(([, size]) => whole % size === 0)!;
    return `${whole / size}${unit}`;
}
