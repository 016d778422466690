/** What the policy pack costs: processor time per resource over the wire, against a pack with no rules. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { PACK, PackProcess, toResource, type WireResource } from "../policy/analyzer.ts";
import { goodStack, set, type Body } from "../policy/stack.ts";
import type { Section } from "./page.ts";

const SIZES = [10, 100, 1000];
const RESOURCES = 4000;

/** A stack of so many resources: copies of a good one, each in a namespace of its own. */
function resources(size: number): WireResource[] {
    const all: WireResource[] = [];
    for (let copy = 0; all.length < size; copy++)
        for (const body of goodStack().slice(0, size - all.length)) all.push(toResource(inCopy(body, copy), true));
    return all;
}

function inCopy(body: Body, copy: number): Body {
    if (body["kind"] === "Namespace") set(body, ["metadata", "name"], `shop-${copy}`);
    else set(body, ["metadata", "namespace"], `shop-${copy}`);
    const metadata = body["metadata"] as { name: string };
    return { ...body, metadata: { ...metadata, annotations: { copy: `copy-${copy}` } } };
}

/** Milliseconds of processor time, per resource. */
interface Cost {
    readonly each: number;
    readonly relations: number;
}

/**
 * What the pack takes for a preview: one pass per resource, then one over all. The mean of so many rounds that at least
 * 4,000 resources are checked; other work on the machine does not count.
 */
async function measure(directory: string, stack: readonly WireResource[]): Promise<Cost> {
    const pack = await PackProcess.start(directory);
    const rounds = Math.ceil(RESOURCES / stack.length);
    let [each, relations] = [0, 0];
    try {
        for (let round = -Math.max(2, Math.ceil(rounds / 4)); round < rounds; round++) {
            const start = pack.cpu();
            for (const resource of stack) await pack.analyze(resource);
            const middle = pack.cpu();
            await pack.analyzeStack(stack);
            // Rounds before the first warm up.
            if (round >= 0) [each, relations] = [each + middle - start, relations + pack.cpu() - middle];
        }
    } finally {
        await pack.stop();
    }
    const checked = rounds * stack.length;
    return { each: each / checked, relations: relations / checked };
}

/** Measures at 10, 100 and 1,000 resources. */
export async function policy(): Promise<Section> {
    const empty = emptyPack();
    try {
        const costs: { size: number; floor: Cost; full: Cost }[] = [];
        for (const size of SIZES) {
            const stack = resources(size);
            costs.push({ size, floor: await measure(empty, stack), full: await measure(PACK, stack) });
        }
        const above = costs.map(({ floor, full }) => full.each + full.relations - floor.each - floor.relations);
        const most = Math.max(...above);
        return {
            title: "Policy pack",
            about: "Milliseconds of processor time per resource over the wire, as the CLI asks: each resource by itself, then all of them in relation. The pack is compared with one that has no rules.",
            tables: [
                {
                    head: ["resources", "no rules", "this pack", "difference", "of it relations"],
                    rows: costs.map(({ size, floor, full }, index) => [
                        String(size),
                        ...[floor.each + floor.relations, full.each + full.relations, above[index]!].map(text),
                        text(full.relations - floor.relations),
                    ]),
                },
            ],
            aims: [
                {
                    what: "each resource, at every size",
                    bound: "under 0.5 ms",
                    measured: `${text(most)} ms`,
                    isMet: most < 0.5,
                },
                {
                    what: "linear growth: a resource among 1,000 against one among 100",
                    bound: "under twice",
                    measured: `${(above.at(-1)! / above.at(-2)!).toFixed(2)} times`,
                    isMet: above.at(-1)! < 2 * above.at(-2)!,
                },
            ],
        };
    } finally {
        rmSync(empty, { recursive: true, force: true });
    }
}

function text(milliseconds: number): string {
    return milliseconds.toFixed(2);
}

/** A pack with one policy that does nothing: what CrossGuard itself takes. */
function emptyPack(): string {
    const empty = mkdtempSync(path.join(os.tmpdir(), "empty-pack-"));
    writeFileSync(
        path.join(empty, "package.json"),
        '{ "name": "empty", "version": "0.0.1", "type": "module", "main": "main.js" }',
    );
    writeFileSync(path.join(empty, "PulumiPolicy.yaml"), "runtime: nodejs\n");
    writeFileSync(
        path.join(empty, "main.js"),
        'import { PolicyPack } from "@pulumi/policy";\nconst none = () => undefined;\n' +
            'new PolicyPack("empty", { policies: [{ name: "none", description: "-", validateResource: none, validateStack: none }] });\n',
    );
    symlinkSync(path.resolve(PACK, "../node_modules"), path.join(empty, "node_modules"));
    return empty;
}
