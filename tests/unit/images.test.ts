/** How images are named, keyed, packed and kept. What runs in them is tested in tests/images. */
import { expect } from "chai";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { packDirectory, writeArchive } from "../../local/images/archive.ts";
import type { ImageConfig, Recipe } from "../../local/images/catalogue.ts";
import { recipes } from "../../local/images/catalogue.ts";
import { command, isMissing } from "../../local/images/command.ts";
import { buildImages, contentKey, listImages } from "../../local/images/index.ts";
import { recorder } from "../support/reports.ts";

const config: ImageConfig = {
    Entrypoint: ["/hello"],
    Env: ["PATH=/"],
    Labels: {},
    User: "10001:10001",
    WorkingDir: "/",
};

describe("images", () => {
    let scratch: string;
    let homeBefore: string | undefined;
    beforeEach(() => {
        scratch = mkdtempSync(path.join(os.tmpdir(), "images-unit-"));
        homeBefore = process.env["TRADESTREAM_HOME"];
        process.env["TRADESTREAM_HOME"] = path.join(scratch, "home");
    });
    afterEach(() => {
        if (homeBefore === undefined) delete process.env["TRADESTREAM_HOME"];
        else process.env["TRADESTREAM_HOME"] = homeBefore;
        rmSync(scratch, { recursive: true, force: true });
    });

    describe("archive", () => {
        async function makeArchive(name: string, time: number): Promise<string> {
            const root = path.join(scratch, `${name}-root`);
            mkdirSync(root);
            for (const file of ["b", "a"]) {
                writeFileSync(path.join(root, file), file);
                utimesSync(path.join(root, file), time, time);
            }
            const layer = path.join(scratch, `${name}-layer.tar`);
            const archive = path.join(scratch, `${name}.tar`);
            await packDirectory(root, layer);
            await writeArchive("example.local/hello:v1", config, [layer], archive, path.join(scratch, `${name}-oci`));
            return archive;
        }

        it("is an OCI image layout whose digests and sizes are right, under the full name", async () => {
            const archive = await makeArchive("one", 1);
            const layout = path.join(scratch, "read");
            mkdirSync(layout);
            execFileSync("tar", ["-xf", archive, "-C", layout]);
            interface Blob {
                readonly digest: string;
                readonly size: number;
            }
            const read = <T>({ digest, size }: Blob): T => {
                const content = readFileSync(path.join(layout, "blobs", digest.replace(":", "/")));
                expect(`sha256:${createHash("sha256").update(content).digest("hex")}`).to.equal(digest);
                expect(content.length).to.equal(size);
                return (content[0] === 0x7b ? JSON.parse(content.toString()) : content) as T;
            };
            const index = JSON.parse(readFileSync(path.join(layout, "index.json"), "utf8")) as {
                manifests: [Blob & { annotations: Record<string, string> }];
            };
            expect(index.manifests[0].annotations).to.deep.equal({
                "io.containerd.image.name": "example.local/hello:v1",
                "org.opencontainers.image.ref.name": "v1",
            });
            const manifest = read<{ config: Blob; layers: [Blob] }>(index.manifests[0]);
            const image = read<{ config: ImageConfig; rootfs: { diff_ids: string[] } }>(manifest.config);
            expect(image.config).to.deep.equal(config);
            expect(image.rootfs.diff_ids).to.deep.equal([manifest.layers[0].digest]);
            read(manifest.layers[0]);
            expect(JSON.parse(readFileSync(path.join(layout, "oci-layout"), "utf8"))).to.deep.equal({
                imageLayoutVersion: "1.0.0",
            });
        });

        it("has the same bytes when its content is the same, whenever it is made", async () => {
            const [first, second] = [await makeArchive("one", 1), await makeArchive("two", 2_000_000)];
            expect(readFileSync(first).equals(readFileSync(second))).to.equal(true);
        });
    });

    describe("catalogue", () => {
        it("names each image once, with a host that is no registry and a tag", () => {
            const names = recipes.flatMap(({ images }) => images.map(({ reference }) => reference));
            expect(new Set(names).size).to.equal(names.length);
            for (const name of names) {
                expect(name).to.match(/^(stand-in|debian)\.tradestream\.local\/[a-z-]+:[a-z0-9.]+$/);
            }
        });

        it("says in the name of each program of ours that it is a stand-in, with two versions to roll between", () => {
            for (const { source, images } of recipes.filter((recipe) => recipe.source.kind === "stand-in")) {
                expect(images.map(({ reference }) => reference.split("/")[0])).to.deep.equal([
                    "stand-in.tradestream.local",
                    "stand-in.tradestream.local",
                ]);
                const versions = images.map((image) => image.config.Env.find((text) => text.startsWith("STAND_IN_")));
                expect(versions, JSON.stringify(source)).to.deep.equal([
                    "STAND_IN_VERSION=v1.0.0",
                    "STAND_IN_VERSION=v1.0.1",
                ]);
            }
        });

        it("never runs as root", () => {
            for (const { images } of recipes) {
                for (const image of images) expect(image.config.User).to.equal("10001:10001");
            }
        });
    });

    describe("entry scripts", () => {
        for (const script of ["postgresql.sh", "redis.sh"]) {
            it(`${script} is a sound script for a plain shell`, () => {
                const file = path.resolve("local/images/servers", script);
                expect(spawnSync("sh", ["-n", file]).status).to.equal(0);
                expect(readFileSync(file, "utf8")).to.match(/^#!\/bin\/sh\n/);
            });
        }
    });

    describe("key", () => {
        const [first] = recipes as [Recipe];

        it("stays the same for the same recipe, and follows each change of it", () => {
            const [image] = first.images as [Recipe["images"][0]];
            expect(contentKey(first)).to.equal(contentKey(structuredClone(first)));
            for (const changed of [
                { ...first, name: "other" },
                { ...first, images: [image] },
                { ...first, images: [{ ...image, config: { ...image.config, User: "1:1" } }] },
            ]) {
                expect(contentKey(changed)).to.not.equal(contentKey(first));
            }
        });
    });

    describe("build", () => {
        it("does nothing when everything is there", async () => {
            const images = listImages();
            mkdirSync(path.dirname(images[0]!.archive), { recursive: true });
            for (const { archive } of images) writeFileSync(archive, "");
            const { report, steps } = recorder();
            expect(await buildImages(report)).to.deep.equal(images);
            expect(steps).to.deep.equal([]);
        });

        it("builds what is missing, leaves what is there, removes what is outdated or unfinished", async function () {
            this.timeout("10m");
            const images = listImages();
            const directory = path.dirname(images[0]!.archive);
            const missing = images.filter(({ reference }) => reference.includes("agent-dashboard"));
            const present = images.filter((image) => !missing.includes(image));
            mkdirSync(path.join(directory, "unfinished-redis"), { recursive: true });
            const outdated = path.join(directory, "agent-dashboard-v1.0.0-000000000000.tar");
            for (const archive of [outdated, ...present.map((image) => image.archive)]) writeFileSync(archive, "");
            const { report, steps } = recorder();
            await buildImages(report);
            expect(steps).to.deep.equal(["Building image agent-dashboard (1 of 1)"]);
            expect(existsSync(outdated)).to.equal(false);
            expect(existsSync(path.join(directory, "unfinished-redis"))).to.equal(false);
            for (const { archive } of missing) expect(statSync(archive).size).to.be.greaterThan(1_000_000);
            for (const { archive } of present) expect(statSync(archive).size).to.equal(0);
        });
    });

    describe("command", () => {
        it("returns standard output, and passes on what is said", async () => {
            const notes: string[] = [];
            const output = await command("sh", ["-c", "echo one; echo two >&2; echo $X"], {
                env: { X: "three" },
                note: (text) => notes.push(text),
            });
            expect(output).to.equal("one\nthree");
            expect(notes).to.have.members(["one", "two", "three"]);
        });

        it("fails with the end of what was said", async () => {
            const failed = await command("sh", ["-c", "seq 100; exit 3"]).catch((error: unknown) => error);
            expect(String(failed)).to.match(/sh ended with 3:\n {4}86\n[^]*\n {4}100$/);
            expect(isMissing(failed)).to.equal(false);
        });

        it("knows a missing program", async () => {
            expect(isMissing(await command("no-such-program", []).catch((error: unknown) => error))).to.equal(true);
        });
    });

    describe("command line", () => {
        const cli = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
            spawnSync(process.execPath, ["local/images/cli.ts", ...args], { encoding: "utf8" });

        it("lists each image and whether it is built", () => {
            const { status, stdout } = cli("list");
            expect(status).to.equal(0);
            const lines = stdout.trim().split("\n");
            expect(lines).to.have.length(listImages().length);
            for (const line of lines) expect(line).to.match(/^\S+:\S+\tnot built\t\/.*\.tar$/);
        });

        it("ends with 2 on bad usage, with 0 on a call for help", () => {
            expect(cli("biuld")).to.have.property("status", 2);
            expect(cli("--help")).to.have.property("status", 0);
        });
    });
});
