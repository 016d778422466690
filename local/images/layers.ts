/** Makes the layers of a recipe: a static Go program, or Debian's packages with an entry script on top. */
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Need } from "../debian.ts";
import { proxiesOnly } from "../tools/go.ts";
import { locate } from "../tools/index.ts";
import { architecture, packDirectory } from "./archive.ts";
import type { DebianSource, Recipe, StandInSource, ToolSource } from "./catalogue.ts";
import { debianSuite, userId } from "./catalogue.ts";
import { command, isMissing } from "./command.ts";
import type { Note } from "./command.ts";

/** The Go module of the stand-ins. */
export const standInsDirectory = path.join(import.meta.dirname, "stand-ins");

/** The entry scripts of the servers. */
export const serversDirectory = path.join(import.meta.dirname, "servers");

/** What Debian's packages are unpacked with. */
export const needs: readonly Need[] = [
    { package: "mmdebstrap", file: "mmdebstrap" },
    { package: "debian-archive-keyring", file: "/usr/share/keyrings/debian-archive-keyring.gpg" },
];

/** Makes the recipe's layers in `directory`, which exists, and returns their paths, lowest first. */
export async function makeLayers(recipe: Recipe, directory: string, note: Note): Promise<string[]> {
    const { source } = recipe;
    switch (source.kind) {
        case "stand-in":
            return [await standInLayer(source, directory, note)];
        case "debian":
            return debianLayers(source, directory, note);
        case "tool":
            return [await toolLayer(source, directory)];
    }
}

/** The tool has been built. */
async function toolLayer({ tool }: ToolSource, directory: string): Promise<string> {
    const root = emptyRoot(path.join(directory, "root"));
    copyFileSync((await locate([tool]))[tool], path.join(root, tool));
    const layer = path.join(directory, "layer.tar");
    await packDirectory(root, layer);
    return layer;
}

async function standInLayer(source: StandInSource, directory: string, note: Note): Promise<string> {
    const root = emptyRoot(path.join(directory, "root"));
    await goBuild(source.program, path.join(root, source.program), note);
    const layer = path.join(directory, "layer.tar");
    await packDirectory(root, layer);
    return layer;
}

async function goBuild(program: string, output: string, note: Note): Promise<void> {
    const cwd = standInsDirectory;
    try {
        const proxies = await command("go", ["env", "GOPROXY"], { cwd });
        const env = {
            CGO_ENABLED: "0",
            GOARCH: architecture(),
            GOFLAGS: "-mod=readonly",
            GOOS: "linux",
            GOPROXY: proxiesOnly(proxies.trim()),
            GOWORK: "off",
        };
        const flags = ["-v", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", output];
        await command("go", ["build", ...flags, `./cmd/${program}`], { cwd, env, note });
    } catch (error) {
        if (!isMissing(error)) throw error;
        throw new Error(`Go is needed to build ${program}, and no \`go\` is on the PATH: install it`, { cause: error });
    }
}

async function debianLayers(source: DebianSource, directory: string, note: Note): Promise<string[]> {
    const packages = path.join(directory, "packages.tar");
    // "extract" unpacks the packages and all they depend on without running their installation: no chroot, no mounts.
    await command(
        "mmdebstrap",
        [
            "--variant=extract",
            `--architectures=${architecture()}`,
            `--include=${source.packages.join(",")}`,
            ...source.without.map((glob) => `--dpkgopt=path-exclude=${glob}`),
            "--skip=output/dev", // a container gets its own /dev
            source.suite ?? debianSuite,
            packages,
        ],
        // The same packages then make the same bytes.
        { env: { SOURCE_DATE_EPOCH: "0" }, note },
    );
    const root = emptyRoot(path.join(directory, "root"));
    for (const name of source.directories) makeOpenDirectory(path.join(root, name));
    if (source.script !== undefined) {
        const start = path.join(root, "usr", "local", "bin", "docker-entrypoint.sh");
        mkdirSync(path.dirname(start), { recursive: true });
        copyFileSync(path.join(serversDirectory, source.script), start);
        chmodSync(start, 0o755);
    }
    const scripts = path.join(directory, "scripts.tar");
    await packDirectory(root, scripts);
    return [packages, scripts];
}

/** What each image has: a name for its user, and /tmp. */
function emptyRoot(root: string): string {
    mkdirSync(path.join(root, "etc"), { recursive: true });
    chmodSync(root, 0o755);
    writeFileSync(
        path.join(root, "etc", "passwd"),
        `root:x:0:0:root:/:/bin/sh\ntradestream:x:${userId}:${userId}::/tmp:/bin/sh\n`,
        { mode: 0o644 },
    );
    writeFileSync(path.join(root, "etc", "group"), `root:x:0:\ntradestream:x:${userId}:\n`, { mode: 0o644 });
    makeOpenDirectory(path.join(root, "tmp"));
    return root;
}

function makeOpenDirectory(directory: string): void {
    mkdirSync(directory, { recursive: true });
    chmodSync(directory, 0o1777);
}
