/** The scripts that write to GitHub, run as the action runs them, against a GitHub that keeps what they write. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import { callable, script, text, workflow } from "./workflows.ts";

interface Entry {
    readonly id: number;
    readonly number: number;
    readonly title: string;
    readonly user: { readonly type: string };
    body: string;
    state: string;
}

/** Comments and issues, with the calls that the scripts make. */
class GitHub {
    readonly entries: Entry[] = [];
    readonly uploads: Readonly<Record<string, string>>[] = [];
    readonly paginate = (list: () => Entry[]): Promise<Entry[]> => Promise.resolve(list());
    readonly rest = {
        codeScanning: {
            uploadSarif: (upload: Readonly<Record<string, string>>) => {
                this.uploads.push(upload);
            },
        },
        issues: {
            listComments: () => this.entries,
            listForRepo: () => this.entries.filter(({ state }) => state === "open"),
            createComment: (args: { body: string }) => this.add("", args.body),
            updateComment: (args: { comment_id: number; body: string }) => this.change(args.comment_id, args),
            create: (args: { title: string; body: string }) => this.add(args.title, args.body),
            update: (args: { issue_number: number; body?: string; state?: string }) =>
                this.change(args.issue_number, args),
        },
    };

    add(title: string, body: string, type = "Bot"): void {
        const id = this.entries.length + 1;
        this.entries.push({ id, number: id, title, body, state: "open", user: { type } });
    }

    private change(id: number, to: { body?: string; state?: string }): void {
        const entry = this.entries.find((each) => each.id === id);
        if (!entry) throw new Error(`there is no ${id}`);
        entry.body = to.body ?? entry.body;
        entry.state = to.state ?? entry.state;
    }
}

const context = {
    serverUrl: "https://github.com",
    repo: { owner: "o", repo: "r" },
    runId: 7,
    sha: "fedcba9876543210",
    ref: "refs/pull/3/merge",
    payload: { pull_request: { number: 3, head: { sha: "0123456789abcdef" } } },
};

describe("what the workflows write to GitHub", () => {
    const home = process.cwd();
    let scratch: string;
    let github: GitHub;

    beforeEach(() => {
        scratch = mkdtempSync(path.join(os.tmpdir(), "tradestream-delivery-"));
        github = new GitHub();
        process.chdir(scratch);
    });

    afterEach(() => {
        process.chdir(home);
        rmSync(scratch, { recursive: true, force: true });
    });

    function report(stack: string, outcome: string, output: string): void {
        mkdirSync(path.join(scratch, "reports", stack), { recursive: true });
        writeFileSync(path.join(scratch, "reports", stack, "outcome"), `${outcome}\n`);
        writeFileSync(path.join(scratch, "reports", stack, "output.txt"), output);
    }

    function run(source: string): Promise<void> {
        return callable(source)(github, context);
    }

    describe("the comment on a pull request", () => {
        const comment = (): Promise<void> => run(script(workflow("pull-request").jobs["comment"]));

        it("is one, with both stacks, and the next run replaces it", async () => {
            github.add("", "<!-- pulumi previews --> by somebody", "User");
            report("staging", "ok", "+ 1 to create");
            report("production", "failed", "policy violations");
            await comment();
            await comment();
            expect(github.entries).to.have.lengthOf(2);
            const body = github.entries[1]?.body ?? "";
            expect(body).to.match(
                /staging: ✅ previewed[^]*\+ 1 to create[^]*production: ❌ refused[^]*policy violations/,
            );
            expect(body).to.contain("actions/runs/7").and.to.contain("01234567");
            expect(github.entries[0]?.body).to.contain("by somebody");
        });

        it("has what each stack renders to, as the checks compared it", async () => {
            report("staging", "ok", "same");
            report("production", "ok", "same");
            writeFileSync(path.join(scratch, "reports/production.md"), "Rendered objects: **1 changed**.\n");
            await comment();
            expect(github.entries[0]?.body).to.match(
                /production: ✅ previewed\n\nRendered objects: \*\*1 changed\*\*\.\n\n/,
            );
        });

        it("says so when a stack has no report", async () => {
            report("staging", "ok", "same");
            await comment();
            expect(github.entries[0]?.body).to.contain("production: ❌ did not get as far as Pulumi");
        });

        it("lets nothing in Pulumi's words become markup or a call for somebody", async () => {
            report("staging", "ok", "</pre> @everybody <img> &amp;");
            report("production", "ok", "");
            await comment();
            const body = github.entries[0]?.body ?? "";
            expect(body).not.to.contain("@everybody");
            expect(body).not.to.contain("<img>");
            expect(body.match(/<\/pre>/g)).to.have.lengthOf(2);
        });

        it("fits GitHub's limit, and keeps the end", async () => {
            const limit = Number(/--limit (\d+)/.exec(text(".github/workflows/pull-request.yml"))?.[1]);
            for (const stack of ["staging", "production"]) {
                report(stack, "ok", `${"<".repeat(400_000)}the end of ${stack}`);
                writeFileSync(path.join(scratch, "reports", `${stack}.md`), "x".repeat(limit));
            }
            await comment();
            const body = github.entries[0]?.body ?? "";
            expect(body.length).to.be.lessThan(65_536);
            expect(body).to.contain("the end of staging").and.to.contain("the end of production");
        });
    });

    it("is a report of the policy pack for each stack, which replaces none of another stack", async () => {
        mkdirSync(path.join(scratch, "report"));
        for (const stack of ["staging", "production"])
            writeFileSync(
                path.join(scratch, "report", `${stack}.sarif`),
                JSON.stringify({ runs: [{ results: [stack] }] }),
            );
        await run(script(workflow("policy").jobs["upload"]));
        const reports = github.uploads.map(({ sarif = "", ...place }) => {
            expect(place).to.deep.equal({ ...context.repo, commit_sha: context.sha, ref: context.ref });
            return JSON.parse(gunzipSync(Buffer.from(sarif, "base64")).toString()) as unknown;
        });
        expect(reports).to.deep.equal([
            { runs: [{ results: ["staging"], automationDetails: { id: "staging/" } }] },
            { runs: [{ results: ["production"], automationDetails: { id: "production/" } }] },
        ]);
    });

    describe("the issue about drift", () => {
        const compare = (): Promise<void> => run(script(workflow("drift").jobs["report"]));

        it("is opened once, brought up to date, and closed", async () => {
            report("production", "ok", "");
            report("staging", "drift", "~ replicas: 2 => 3");
            await compare();
            report("staging", "drift", "~ replicas: 2 => 5");
            await compare();
            expect(github.entries.map(({ title }) => title)).to.deep.equal(["Drift: staging"]);
            expect(github.entries[0]?.body).to.contain("2 =&#62; 5").and.to.contain("differs from the stack");
            report("staging", "ok", "");
            await compare();
            expect(github.entries[0]?.state).to.equal("closed");
            expect(github.entries[1]?.body).to.contain("agrees with its cluster again");
        });

        it("is also opened when a stack could not be compared", async () => {
            report("staging", "ok", "");
            await compare();
            expect(github.entries.map(({ title }) => title)).to.deep.equal(["Drift: production"]);
            expect(github.entries[0]?.body).to.contain("could not be compared");
        });

        it("leaves alone what somebody else has written under the same title", async () => {
            github.add("Drift: staging", "mine", "User");
            report("staging", "ok", "");
            report("production", "ok", "");
            await compare();
            expect(github.entries).to.have.lengthOf(1);
            expect(github.entries[0]).to.include({ state: "open", body: "mine" });
        });
    });
});
