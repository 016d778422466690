/** The Go toolchain: is it there, is it new enough, and building one program with nothing left to chance. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import type { Tool } from "./catalogue.ts";

const modulesDirectory = path.join(import.meta.dirname, "modules");
const failureLines = 15;

export function moduleDirectory(group: string): string {
    return path.join(modulesDirectory, group);
}

/** The version of the tool, else of its module in its go.mod, such as `v4.3.1`; `v0` where it has neither. */
export function toolVersion(tool: Tool): string {
    if (tool.version !== undefined) return tool.version;
    if (tool.module === undefined) return "v0";
    const file = path.join(moduleDirectory(tool.group), "go.mod");
    for (const line of readFileSync(file, "utf8").split("\n")) {
        const [name, version] = line
            .trim()
            .replace(/^require /, "")
            .split(" ");
        if (name === tool.module && version) return version;
    }
    throw new Error(`${file} does not require ${tool.module}, which the catalogue names for ${tool.package}`);
}

/** The linker flags: small binaries that know their version. */
export function linkerFlags(tool: Tool): string {
    return ["-s", "-w", ...tool.stamps(toolVersion(tool)).map((stamp) => `-X ${stamp}`)].join(" ");
}

/**
 * Go's version and platform as it would build the group, for instance `go1.26.8 linux/amd64`.
 * Throws one clear error when Go is missing or too old for the group's go.mod.
 */
export async function goVersion(group: string): Promise<string> {
    const directory = moduleDirectory(group);
    const wanted = /^go (\S+)$/m.exec(readFileSync(path.join(directory, "go.mod"), "utf8"))?.[1] ?? "";
    try {
        const options = { cwd: directory, env: goEnvironment() };
        const { stdout } = await execa("go", ["env", "GOVERSION", "GOOS", "GOARCH"], options);
        const [version, os, architecture] = stdout.trim().split("\n");
        if (!version || isOlder(version, wanted)) throw new Error(`found ${version || "a Go without a version"}`);
        return `${version} ${os}/${architecture}`;
    } catch (error) {
        throw new Error(goProblem(error, wanted), { cause: error });
    }
}

function goProblem(error: unknown, wanted: string): string {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const detail = error instanceof Error ? error.message.split("\n").slice(-2).join(" ").trim() : String(error);
    const found = missing ? "no `go` is on the PATH" : detail;
    return (
        `Go ${wanted} or newer is needed to build the tools: ${found}. Install it from https://go.dev/dl, ` +
        `or take any Go from 1.21 on with GOTOOLCHAIN=auto, which fetches the right one itself.`
    );
}

/** Compares `go1.26.8` with `1.26.6`, by number. */
export function isOlder(version: string, wanted: string): boolean {
    const numbers = (text: string): number[] => (/\d+(\.\d+)*/.exec(text)?.[0] ?? "0").split(".").map(Number);
    const [have, want] = [numbers(version), numbers(wanted)];
    for (let i = 0; i < want.length; i++) {
        const difference = (have[i] ?? 0) - (want[i] ?? 0);
        if (difference !== 0) return difference < 0;
    }
    return false;
}

/** The machine's module proxies without the fallback to version control: what no proxy serves fails at once. */
export function proxiesOnly(proxies: string): string {
    const kept = proxies.split(/[,|]/).filter((proxy) => proxy !== "" && proxy !== "direct");
    return kept.length > 0 ? kept.join(",") : proxies;
}

function goEnvironment(proxies?: string): Record<string, string> {
    return {
        GOFLAGS: "-mod=readonly",
        GOWORK: "off",
        CGO_ENABLED: "0",
        ...(proxies === undefined ? {} : { GOPROXY: proxies }),
    };
}

/** Builds `tool` into `output`. `note` receives the progress; an error carries the last lines of Go's output. */
export async function goBuild(tool: Tool, output: string, note: (text: string) => void): Promise<void> {
    const source = moduleDirectory(tool.group);
    if (tool.prepare === undefined) return compile(tool, source, output, note);
    const copy = mkdtempSync(path.join(os.tmpdir(), "tradestream-build-"));
    try {
        cpSync(source, copy, { recursive: true });
        note("modules fetched");
        await tool.prepare(copy, download);
        await compile(tool, copy, output, note);
    } finally {
        rmSync(copy, { recursive: true, force: true });
    }
}

async function compile(tool: Tool, directory: string, output: string, note: (text: string) => void): Promise<void> {
    const env = await proxyEnvironment(directory);
    const flags = ["-v", "-trimpath", "-buildvcs=false", "-ldflags", linkerFlags(tool), "-o", output, tool.package];
    let compiled = 0;
    let downloaded = 0;
    /** Leaves the lines that are no progress: those of an error. */
    const progress = function* (line: unknown) {
        const text = String(line);
        if (text.startsWith("go: downloading")) downloaded++;
        else if (/^[\w./~-]+$/.test(text)) compiled++;
        else yield line;
        note(compiled > 0 ? `${compiled} packages compiled` : `${downloaded} modules fetched`);
    };
    const streams = { stdin: "ignore", stdout: "ignore", stderr: progress } as const;
    const { exitCode, stderr } = await execa("go", ["build", ...flags], {
        ...{ cwd: directory, env, ...streams },
        reject: false,
    });
    if (exitCode !== 0) {
        const tail = stderr.split("\n").slice(-failureLines).join("\n    ");
        throw new Error(`building ${tool.package} failed (go ended with ${exitCode ?? "a signal"}):\n    ${tail}`);
    }
}

async function proxyEnvironment(directory: string): Promise<Record<string, string>> {
    const { stdout } = await execa("go", ["env", "GOPROXY"], { cwd: directory, env: goEnvironment() });
    return goEnvironment(proxiesOnly(stdout.trim()));
}

/** The directory of the unpacked source of a module that the tool is built with, fetched first where it is missing. */
export async function moduleSource(tool: Tool, module = tool.module): Promise<string> {
    if (module === undefined) return moduleDirectory(tool.group);
    const options = { cwd: moduleDirectory(tool.group), env: goEnvironment() };
    return unpacked((await execa("go", ["mod", "download", "-json", module], options)).stdout);
}

/** The same for any module with its version, outside of every group. */
async function download(module: string): Promise<string> {
    const options = { cwd: os.tmpdir(), env: await proxyEnvironment(os.tmpdir()) };
    return unpacked((await execa("go", ["mod", "download", "-json", module], options)).stdout);
}

function unpacked(answer: string): string {
    return (JSON.parse(answer) as { readonly Dir: string }).Dir;
}
