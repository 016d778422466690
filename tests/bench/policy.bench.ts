/**
 * What the policy pack costs: milliseconds of processor time per resource over the wire, against a pack with no rules, at 10, 100 and
 * 1,000 resources. Run with `node tests/bench/policy.bench.ts`.
 */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { PACK, PackProcess, toResource, type WireResource } from "../policy/analyzer.ts";
import { goodStack, set, type Body } from "../policy/stack.ts";

const SIZES = [10, 100, 1000];
const RESOURCES = 500;

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

/**
 * Processor time of the pack for one preview, in milliseconds: one pass per resource, then one over all. The mean of
 * so many rounds that at least 500 resources are judged; other work on the machine does not count.
 */
async function measure(
    directory: string,
    stack: readonly WireResource[],
): Promise<{ each: number; relations: number }> {
    const pack = await PackProcess.start(directory);
    const rounds = Math.ceil(RESOURCES / stack.length);
    let [each, relations] = [0, 0];
    try {
        for (let round = -Math.ceil(rounds / 4); round < rounds; round++) {
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
    return { each: each / rounds, relations: relations / rounds };
}

const empty = mkdtempSync(path.join(os.tmpdir(), "empty-pack-"));
try {
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
    const rows = [];
    for (const size of SIZES) {
        const stack = resources(size);
        const floor = await measure(empty, stack);
        const full = await measure(PACK, stack);
        const perResource = (ms: number): string => (ms / size).toFixed(3);
        rows.push({
            resources: size,
            "empty pack, ms each": perResource(floor.each + floor.relations),
            "this pack, ms each": perResource(full.each + full.relations),
            "rules alone, ms each": perResource(full.each + full.relations - floor.each - floor.relations),
            "of it relations, ms each": perResource(full.relations - floor.relations),
        });
    }
    console.table(rows);
} finally {
    rmSync(empty, { recursive: true, force: true });
}
