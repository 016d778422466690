/** The network policies of the rendered stacks, checked by an evaluator that is not ours, against the intended matrix. */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { record } from "../evidence.ts";
import { stacks } from "../golden/render.ts";
import { build } from "./go.ts";
import { check, rendered, type RenderedObject } from "./rendered.ts";

/** The stack with one policy changed; `undefined` removes it. */
function changed(
    objects: readonly RenderedObject[],
    policy: string,
    change: (spec: NonNullable<RenderedObject["spec"]>) => RenderedObject["spec"] | undefined,
): readonly RenderedObject[] {
    const name = `tradestream-${policy}`;
    const isIt = ({ kind, metadata }: RenderedObject): boolean => kind === "NetworkPolicy" && metadata.name === name;
    expect(objects.filter(isIt), name).to.have.length(1);
    return objects.flatMap((object) => {
        if (!isIt(object)) return [object];
        const spec = change(structuredClone(object.spec!));
        return spec === undefined ? [] : [{ ...object, spec }];
    });
}

describe("isolation", function () {
    // The programs are compiled at their first use.
    this.timeout(1_200_000);

    for (const stack of [...stacks, "production-backup"]) {
        it(`of ${stack} is as intended, on every pair and port`, async () => {
            const { checked, findings } = await check(rendered(stack));
            expect(findings).to.deep.equal([]);
            record({ suite: "Isolation", name: `Connections of ${stack} checked`, value: checked });
            record({
                suite: "Isolation",
                name: `Connections of ${stack} decided otherwise than intended`,
                value: findings.length,
                requirement: "0",
            });
        });
    }

    describe("would show", () => {
        const local = rendered("local");

        it("a namespace without its default deny", async () => {
            const { findings } = await check(changed(local, "default-deny", () => undefined));
            expect(findings).to.include("bare (10.1.0.17) to public (203.0.113.7), TCP 443: allowed");
            expect(findings.every((finding) => /bare|solver|smoke|backup/.test(finding))).to.equal(true);
        });

        it("a policy that is missing: the default deny then refuses what its pods need", async () => {
            const { findings } = await check(changed(local, "postgresql", () => undefined));
            expect(findings).to.deep.equal([
                "gateway (10.1.0.11) to postgresql (10.1.0.15), TCP 5432: refused by the receiving side",
                "worker (10.1.0.13) to postgresql (10.1.0.15), TCP 5432: refused by the receiving side",
                "migration (10.1.0.14) to postgresql (10.1.0.15), TCP 5432: refused by the receiving side",
            ]);
        });

        it("a selector that holds for other namespaces too", async () => {
            const { findings } = await check(
                changed(local, "redis", (spec) => {
                    const [rule] = spec["ingress"] as { from: Record<string, unknown>[] }[];
                    return {
                        ...spec,
                        ingress: [{ ...rule, from: rule!.from.map((peer) => ({ ...peer, namespaceSelector: {} })) }],
                    };
                }),
            );
            expect(findings).to.deep.equal(["twin (10.1.2.1) to redis (10.1.0.16), TCP 6379: allowed"]);
        });

        it("a way to the metadata service of the cloud", async () => {
            const { findings } = await check(
                changed(local, "notification-worker", (spec) => ({
                    ...spec,
                    egress: [...(spec["egress"] as unknown[]), { to: [{ ipBlock: { cidr: "169.254.0.0/16" } }] }],
                })),
            );
            expect(findings).to.include("worker (10.1.0.13) to meta (169.254.169.254), TCP 80: allowed");
        });

        it("a rule without peers, which means everybody", async () => {
            const { findings } = await check(
                changed(local, "gateway-api", (spec) => ({
                    ...spec,
                    ingress: [{ ports: [{ port: 8000, protocol: "TCP" }] }],
                })),
            );
            expect(findings).to.include("public (203.0.113.7) to gateway (10.1.0.11), TCP 8000: allowed");
        });
    });

    // Go keeps what it has compiled, so that no live test waits for it.
    it("has an enforcer and a source of packets that compile", async () => {
        const directory = mkdtempSync(path.join(os.tmpdir(), "tradestream-isolation-"));
        try {
            for (const program of ["enforcer", "packets"] as const) await build(program, path.join(directory, program));
        } finally {
            rmSync(directory, { recursive: true });
        }
    });
});
