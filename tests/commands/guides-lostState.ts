/** The state of the reader's stack is gone while its cluster runs: the commands of docs/operations.md. A part of guides.test.ts. */
import { expect } from "chai";
import { rmSync } from "node:fs";
import { get } from "../cluster/support/commands.ts";
import { sql } from "../cluster/support/databases.ts";
import type { Reader } from "../cluster/support/reader.ts";
import { namespace, settled } from "../cluster/support/tradestream.ts";
import { shellBlocks, withValues } from "../support/guide.ts";

const [keep = "", put = "", take = "", replace = ""] = shellBlocks("docs/operations.md", "Lost state");

/** Uids of what holds data. */
async function data(): Promise<readonly string[]> {
    const objects = await get("statefulsets,persistentvolumeclaims,pods", "-n", namespace);
    return objects
        .filter(({ metadata: { name } }) => /postgresql|redis/.test(name))
        .map(({ kind, metadata: { name, uid } }) => `${kind} ${name} ${uid}`);
}

/** Needs the stack that the reader has deployed. */
export function lostStateTests(reader: () => Reader): void {
    describe("with a lost state (docs/operations.md)", () => {
        let asItWas: readonly string[];
        const lose = (): void => rmSync(`${reader().state}/.pulumi`, { recursive: true });

        before(async () => {
            await sql("create table ledger (note text); insert into ledger values ('written before')");
            asItWas = await data();
        });

        it("has it back from its copy, and nothing changes", async () => {
            await reader().ok(keep);
            lose();
            const block = withValues(put, {
                "s3://new-bucket": `file://${reader().state}`,
                // The control: without the copy everything is to be made.
                "pulumi stack import": "pulumi preview\npulumi stack import",
            });
            expect(await reader().ok(block)).to.match(/[1-9]\d+ to create/);
            await reader().ok("pulumi up --expect-no-changes");
            expect(await data()).to.deep.equal(asItWas);
        });

        it("without a copy: a new stack takes over what runs, with its data and its secrets", async () => {
            const jwt = (await get("secret", "tradestream-auth-secrets", "-n", namespace))[0]!.data;
            lose();
            await reader().ok(take);
            await reader().ok(replace);
            expect(await data()).to.deep.equal(asItWas);
            expect(await sql("select note from ledger")).to.equal("written before");
            expect((await get("secret", "tradestream-auth-secrets", "-n", namespace))[0]!.data).to.deep.equal(jwt);
            expect((await settled("gateway-api")).size).to.be.greaterThan(0);
        });
    });
}
