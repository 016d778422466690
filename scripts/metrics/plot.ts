/** The metrics by weeks, as SVG: a row of bars for each. */
import type { Metrics } from "./index.ts";
import type { Measures } from "./measures.ts";

const rows: readonly (readonly [title: string, of: (measures: Measures) => number | null])[] = [
    ["deployments", ({ deploymentFrequency }) => deploymentFrequency.deployments],
    ["lead time, median in hours", ({ leadTime }) => hours(leadTime.medianSeconds)],
    ["changes that failed, %", ({ changeFailureRate: { ratio } }) => ratio && ratio * 100],
    ["time to restore, median in hours", ({ timeToRestore }) => hours(timeToRestore.medianSeconds)],
];
const [width, rowHeight, barHeight] = [640, 110, 60];

export function plot({ stack, weeks }: Metrics): string {
    const step = width / weeks.length;
    const row = ([title, of]: (typeof rows)[number], index: number): string => {
        const values = weeks.map(of);
        const highest = Math.max(...values.map((value) => value ?? 0));
        const base = 50 + index * rowHeight + barHeight;
        const bar = (value: number | null, week: number): string => {
            const height = highest === 0 ? 0 : ((value ?? 0) / highest) * barHeight;
            const tip = `week to ${day(weeks[week]!.to)}: ${value === null ? "nothing to measure" : short(value)}`;
            const place = `x="${short(week * step)}" y="${short(base - height)}" width="${short(step * 0.8)}"`;
            return `<rect ${place} height="${short(height)}"><title>${tip}</title></rect>`;
        };
        const label = `<text y="${base - barHeight - 8}">${title} (highest: ${short(highest)})</text>`;
        return [label, `<path stroke="#888" d="M0 ${base}H${width}"/>`, ...values.map(bar)].join("\n");
    };
    const [first, last] = [weeks[0]!.from, weeks.at(-1)!.to];
    const height = 50 + rows.length * rowHeight;
    return [
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 0 ${width + 20} ${height}" font-family="sans-serif" font-size="12" fill="#3366aa">`,
        `<text y="20" font-size="15">${escaped(stack)}, by weeks, ${day(first)} to ${day(last)}</text>`,
        ...rows.map(row),
        "</svg>\n",
    ].join("\n");
}

function hours(seconds: number | null): number | null {
    return seconds && seconds / 3600;
}

function short(value: number): string {
    return String(Number(value.toFixed(2)));
}

function day(date: Date): string {
    return date.toISOString().slice(0, 10);
}

function escaped(text: string): string {
    return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
