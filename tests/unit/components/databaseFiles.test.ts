import { expect } from "chai";
import { runProgram } from "../../support/mocks.ts";

const image = "chart.values.postgresql.image.tag";
const directory = "chart.values.postgresql.primary.dataDirectory";

/** What the stack remembers, or the error, after an update with PostgreSQL 16. */
async function after(change: object, earlier: object = { databaseFiles: { tag: "16.4", directory: "pgdata" } }) {
    const run = runProgram("production", { ...change }, { earlier: { ...earlier } });
    return run.then(
        ({ exports }) => exports["databaseFiles"],
        ({ message }: Error) => message,
    );
}

describe("the files of the chart's PostgreSQL", () => {
    it("are remembered with the version that has made them", async () => {
        expect(await after({}, {})).to.deep.equal({ tag: "17.11-bookworm", directory: "pgdata" });
    });

    it("are refused to another major version, with the documented way and the tag to go back to", async () => {
        const refused = [
            'is 17.11-bookworm: PostgreSQL 17 cannot read the files of PostgreSQL 16 in pgdata. Data goes over with a dump and a restore (docs/operations.md, "Another major version of PostgreSQL")',
            `pulumi config set --stack production --path ${image} 16.4`,
        ];
        const message = await after({});
        expect(message).to.include("has 1 error; nothing was changed").and.to.include(image);
        for (const words of refused) expect(message).to.include(words);
    });

    it("are refused to an older major version as well", async () => {
        expect(await after({ [image]: "15.2" })).to.include("PostgreSQL 15 cannot read the files of PostgreSQL 16");
    });

    it("stay behind when another major version begins in another directory", async () => {
        const now = { tag: "17.11-bookworm", directory: "pgdata-17" };
        expect(await after({ [directory]: "pgdata-17" })).to.deep.equal(now);
        expect(await after({ [image]: "16.4" }, { databaseFiles: now }), "and back").to.deep.equal({
            tag: "16.4",
            directory: "pgdata",
        });
    });

    it("are not left behind by the version that can read them", async () => {
        const message = await after({ [image]: "16.5", [directory]: "pgdata-17" });
        expect(message)
            .to.include(
                "is pgdata-17, and the files of PostgreSQL 16 are in pgdata: it would begin with an empty database",
            )
            .and.to.include(`pulumi config set --stack production --path ${directory} pgdata`);
    });

    it("serve every release of a major version, and images whose tag names none", async () => {
        for (const tag of ["16.9", "16"])
            expect(await after({ [image]: tag })).to.deep.equal({ tag, directory: "pgdata" });
        // The version that is known stays known, so that the next one cannot pass by way of this tag.
        expect(await after({ [image]: "stable" })).to.deep.equal({ tag: "16.4", directory: "pgdata" });
        const unknown = { databaseFiles: { tag: "stable", directory: "pgdata" } };
        expect(await after({}, unknown)).to.deep.equal({ tag: "17.11-bookworm", directory: "pgdata" });
    });

    it("are not left behind under a tag that names no version", async () => {
        expect(await after({ [image]: "stable", [directory]: "other" }))
            .to.include("is stable, which does not begin with a major version")
            .and.to.include(`pulumi config set --stack production --path ${image} 16.4`);
    });

    it("are remembered while the database is outside the cluster", async () => {
        const databaseUrl = "postgresql://app:pw@db.example.com/trade?sslmode=verify-full";
        expect(await after({ databaseUrl })).to.deep.equal({ tag: "16.4", directory: "pgdata" });
    });
});
