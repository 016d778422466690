/**
 * `npm run compare -- BEFORE AFTER`: what differs between two renderings (of `npm run render`), as Markdown for the comment
 * on a pull request: the requested resources, and each object that differs. Values of Secrets are redacted.
 */
import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { type Difference, differences, readObjects } from "./compare/objects.ts";
import { type Amounts, none, type Range, requests, total } from "./compare/resources.ts";

/** Rows of the table, at most; more is no summary. */
const mostRows = 30;

/**
 * @param limit of the result, in characters; what does not fit is left out at the end of the objects
 * @throws Error where a rendering is not YAML, or the limit leaves no room for anything
 */
export function comparison(before: string, after: string, limit: number): string {
    const [old, now] = [readObjects("before", before), readObjects("after", after)];
    const found = differences(old, now);
    if (found.length === 0) return "The rendered objects, those of the chart included, are the same as before.\n";
    const counts = (["added", "changed", "removed"] as const)
        .map((what) => [found.filter((each) => each.what === what).length, what] as const)
        .filter(([count]) => count > 0)
        .map(([count, what]) => `${count} ${what}`);
    const head = `Rendered objects, those of the chart included: ${counts.join(", ")}.\n\n${resources(requests(old), requests(now))}\n`;
    const text = head + objects(found, limit - head.length);
    if (text.length > limit) throw new Error(`a limit of ${limit} characters is too small`);
    return text;
}

/** A table of what is requested by the workloads that request more or less than before, and by all. */
function resources(before: ReadonlyMap<string, Amounts>, after: ReadonlyMap<string, Amounts>): string {
    const row = (name: string, old: Amounts, now: Amounts): string => {
        const cell = (key: keyof Amounts): string => {
            const [was, is] = [show(key, old[key]), show(key, now[key])];
            return was === is ? is : `${was} → **${is}**`;
        };
        return `| ${name} | ${cell("pods")} | ${cell("cpu")} | ${cell("memory")} | ${cell("storage")} |`;
    };
    const all = row("all", total(before.values()), total(after.values()));
    const changed = [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((id) => {
        const [old, now] = [before.get(id) ?? none, after.get(id) ?? none];
        return JSON.stringify(old) === JSON.stringify(now) ? [] : [row(`\`${id}\``, old, now)];
    });
    const more = changed.length > mostRows ? [`| ${changed.length - mostRows} more | | | | |`] : [];
    const header = [
        "| Requested, at the fewest to the most pods | Pods | CPU | Memory | Storage |",
        "|---|---|---|---|---|",
    ];
    return `${[...header, ...changed.slice(0, mostRows), ...more, all].join("\n")}\n`;
}

function show(key: keyof Amounts, [least, most]: Range): string {
    const [from, to] = [least, most].map((number) => {
        if (key === "pods") return String(number);
        if (key === "cpu") return unit(number * 1000, 1000, "m", "");
        return unit(number / 2 ** 20, 1024, "Mi", "Gi");
    });
    return from === to ? from! : `${from} to ${to}`;
}

/** In the greater unit where that is a whole number; rounded up, as sums of fractions are not exact. */
function unit(number: number, factor: number, small: string, great: string): string {
    const whole = Math.ceil(number - 1e-6);
    return whole % factor === 0 ? `${whole / factor}${whole === 0 ? "" : great}` : `${whole}${small}`;
}

/** The objects, folded, in a code block that no text in them can end. */
function objects(found: readonly Difference[], limit: number): string {
    const lines = found.flatMap(({ id, what, lines }) => [`# ${id} (${what})`, ...lines, ""]).slice(0, -1);
    const longest = Math.max(2, ...lines.flatMap((line) => line.match(/`+/g) ?? []).map((ticks) => ticks.length));
    const fence = "`".repeat(longest + 1);
    const start = `<details><summary>What differs</summary>\n\n${fence}diff\n`;
    const end = (left: number): string =>
        `\n${fence}\n${left === 0 ? "" : `\n${left} more lines are left out.\n`}\n</details>\n`;
    let length = start.length + end(0).length - 1 + lines.reduce((sum, line) => sum + line.length + 1, 0);
    const all = lines.length;
    if (length > limit) length += end(all).length - end(0).length;
    while (length > limit && lines.length > 0) length -= lines.pop()!.length + 1;
    return start + lines.join("\n") + end(all - lines.length);
}

if (import.meta.main) {
    const command = new Command("compare")
        .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
        .description("Prints as Markdown what differs between two renderings; needs no cluster.")
        .argument("<before>", "file of a rendering")
        .argument("<after>", "file of another one")
        .option(
            "--limit <characters>",
            "longest result",
            (text) => {
                if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It is a number of characters.");
                return Number(text);
            },
            60_000,
        )
        .parse();
    try {
        const [before, after] = command.args.map((file) => readFileSync(file, "utf8"));
        process.stdout.write(comparison(before!, after!, command.opts<{ limit: number }>().limit));
    } catch (error) {
        process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
        process.exitCode = 1;
    }
}
