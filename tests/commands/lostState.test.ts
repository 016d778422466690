/** The state of a stack is gone while its cluster runs: the commands of docs/operations.md. On the stack local. */
import { expect } from "chai";
import { rmSync } from "node:fs";
import path from "node:path";
import { get } from "../cluster/support/commands.ts";
import { sql } from "../cluster/support/databases.ts";
import { Operator } from "../cluster/support/operator.ts";
import { isChange, TestStack } from "../cluster/support/pulumi.ts";
import { clear, namespace, settled, start } from "../cluster/support/tradestream.ts";
import { shellBlocks, withValues } from "../support/guide.ts";

const [keep = "", put = "", take = "", replace = ""] = shellBlocks("docs/operations.md", "Lost state");
/** The test has made the new backend and the stack in it. */
const withoutBackend = (block: string): string => block.replaceAll(/^pulumi (login|stack init) .*\n/gm, "");

/** Uids of what holds data. */
async function data(): Promise<readonly string[]> {
    const objects = await get("statefulsets,persistentvolumeclaims,pods", "-n", namespace);
    return objects
        .filter(({ metadata: { name } }) => /postgresql|redis/.test(name))
        .map(({ kind, metadata: { name, uid } }) => `${kind} ${name} ${uid}`);
}

describe("a lost state", function () {
    this.timeout(400_000);
    let operator: Operator;
    let asItWas: readonly string[];

    async function lose(): Promise<TestStack> {
        const stack = await TestStack.of("local");
        rmSync(path.join(stack.stack.directory, "state"), { recursive: true });
        return TestStack.of("local");
    }

    before(async () => {
        await start();
        operator = await Operator.of(await TestStack.of("local"));
        await sql("create table ledger (note text); insert into ledger values ('written before')");
        asItWas = await data();
    });

    after(async () => {
        operator?.close();
        await clear();
    });

    it("comes back from its copy, and nothing changes", async () => {
        const copy = { "production-state.json": path.join(operator.directory, "state.json") };
        await operator.ok(withValues(keep, copy));
        const empty = await lose();
        // The control: without the copy everything is to be made.
        expect((await empty.changes({})).filter((step) => isChange(step) && step.op === "create")).not.to.deep.equal(
            [],
        );
        await operator.ok(withoutBackend(withValues(put, copy)));
        await operator.ok("pulumi up --expect-no-changes");
        expect(await data()).to.deep.equal(asItWas);
    });

    it("without a copy: a new stack takes over what runs, with its data and its secrets", async () => {
        const jwt = (await get("secret", "tradestream-auth-secrets", "-n", namespace))[0]!.data;
        await lose();
        await operator.ok(withoutBackend(take));
        await operator.ok(replace);
        expect(await data()).to.deep.equal(asItWas);
        expect(await sql("select note from ledger")).to.equal("written before");
        expect((await get("secret", "tradestream-auth-secrets", "-n", namespace))[0]!.data).to.deep.equal(jwt);
        expect((await settled("gateway-api")).size).to.be.greaterThan(0);
    });
});
