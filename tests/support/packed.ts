/** A package of this repository as others get it: packed, and installed into an empty project. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { root } from "./configuration.ts";

const modules = path.join(root, "node_modules");

/** Runs a program that has to succeed, and returns its standard output. */
export function run(program: string, args: readonly string[], cwd: string): string {
    const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: "utf8" });
    expect(status, `${program} ${args.join(" ")}: ${stdout}${stderr}`).to.equal(0);
    return stdout;
}

/**
 * Packs a workspace and installs it into a new project. What it needs is linked to this repository's, so that no network is
 * needed; a dependency that is not among `linked` would not be found.
 * @returns the project
 */
export function installPacked(workspace: string, directory: string, linked: readonly string[]): string {
    const source = path.join(root, workspace);
    const { name, version } = JSON.parse(readFileSync(path.join(source, "package.json"), "utf8")) as {
        readonly name: string;
        readonly version: string;
    };
    const project = path.join(directory, "project");
    mkdirSync(project);
    writeFileSync(path.join(project, "package.json"), JSON.stringify({ name: "empty", private: true, type: "module" }));
    const before = readdirSync(source);
    run("npm", ["pack", "--silent", "--pack-destination", directory], source);
    expect(readdirSync(source), "files beside the sources").to.deep.equal(before);
    const tarball = path.join(directory, `${name}-${version}.tgz`);
    const quiet = ["--offline", "--ignore-scripts", "--no-audit", "--no-fund"];
    const links = linked.map((each) => path.join(modules, each));
    run("npm", ["install", ...quiet, "--install-links=false", tarball, ...links], project);
    return project;
}

/** What the compiler says about files of the project. */
export function typeErrors(project: string, ...files: readonly string[]): string {
    const options = ["--noEmit", "--module", "nodenext", "--strict", "--skipLibCheck", "--types", "node"];
    const types = ["--typeRoots", path.join(modules, "@types")];
    const { stdout } = spawnSync(path.join(modules, ".bin/tsc"), [...options, ...types, ...files], {
        cwd: project,
        encoding: "utf8",
    });
    return stdout;
}
