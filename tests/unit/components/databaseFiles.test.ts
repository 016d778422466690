import { expect } from "chai";
import { runProgram } from "../../support/mocks.ts";
import { backupsToS3 } from "../broken/backups.ts";

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

    describe("with backups", () => {
        const place = "https://s3.eu-central-1.amazonaws.com/tradestream-backups/tradestream/tradestream";
        const of16 = { databaseFiles: { tag: "16.4", directory: "pgdata", repositories: { [place]: "16.4" } } };
        const next = { ...backupsToS3, [directory]: "pgdata-17" };

        it("are remembered with the place of the backups", async () => {
            const now = { tag: "17.11", directory: "pgdata", repositories: { [place]: "17.11" } };
            expect(await after(backupsToS3, {})).to.deep.equal(now);
            expect(await after({}, { databaseFiles: now }), "while there are none").to.deep.equal({
                ...now,
                tag: "17.11-bookworm",
            });
        });

        it("are refused the place of another major version's backups, with a place to set", async () => {
            for (const earlier of [
                of16,
                { databaseFiles: { ...of16.databaseFiles, tag: "17.1", directory: "pgdata-17" } },
            ])
                expect(await after(next, earlier))
                    .to.include("has 1 error; nothing was changed")
                    .and.to.match(
                        /backup\.prefix\s+is \/tradestream\/tradestream, where the backups of PostgreSQL 16 are: PostgreSQL 17 needs a place of its own/,
                    )
                    .and.to.include(
                        "pulumi config set --stack production --path backup.prefix /tradestream/tradestream-17",
                    );
        });

        for (const [change, another] of [
            [{ "backup.prefix": "/tradestream/tradestream-17" }, `${place}-17`],
            [{ "backup.s3.bucket": "other" }, place.replace("tradestream-backups", "other")],
        ] as const) {
            it(`have ${another} for the next major version, and the old place for the way back`, async () => {
                const repositories = { [place]: "16.4", [another]: "17.11" };
                const now = { tag: "17.11", directory: "pgdata-17", repositories };
                expect(await after({ ...next, ...change }, of16)).to.deep.equal(now);
                const back = { ...backupsToS3, [image]: "16.4" };
                expect(await after(back, { databaseFiles: now })).to.deep.equal({
                    ...{ tag: "16.4", directory: "pgdata", repositories },
                });
                expect(await after({ ...back, ...change }, { databaseFiles: now })).to.include(
                    "where the backups of PostgreSQL 17 are",
                );
            });
        }

        it("keep their place under each release of their major version, and tags without one", async () => {
            for (const tag of ["16.9", "stable"]) {
                const repositories = { [place]: tag === "stable" ? "16.4" : tag };
                expect(await after({ ...backupsToS3, [image]: tag }, of16)).to.deep.equal({
                    ...{ tag: repositories[place], directory: "pgdata", repositories },
                });
            }
        });
    });
});
