/**
 * Where the Pulumi CLI comes from. This is the only place that knows: everything else gets a program and its environment.
 *
 * In this order: a suitable `pulumi` on the PATH with its own plugins; the installer of the Automation API, if the network
 * allows it; a build from pinned Go modules. What has been installed or built once is used without asking the network.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { execa } from "execa";
import semver from "semver";
import sdk from "@pulumi/pulumi/package.json" with { type: "json" };
import kubernetesSdk from "@pulumi/kubernetes/package.json" with { type: "json" };
import randomSdk from "@pulumi/random/package.json" with { type: "json" };
import { pulumiHome } from "../home.ts";
import type { Report } from "../report.ts";
import { ensureTools, type ToolName } from "../tools/index.ts";
import { builtHome, linkBuilt, pulumiTools } from "./built.ts";

/** A Pulumi CLI that can run this program. */
export interface Pulumi {
    /** Path or name of the program. */
    readonly file: string;
    /** Variables that it needs beside those of this process. */
    readonly env: Readonly<Record<string, string>>;
}

/** Where a CLI can come from; `$TRADESTREAM_PULUMI` names one to leave out the others. */
export type Source = "path" | "installer" | "build";

const probeMilliseconds = 3_000;
const installMilliseconds = 120_000;
const installerAddress = "https://get.pulumi.com/latest-version";

/**
 * Finds, installs or builds the CLI. Where it is built, the tools of `alongside` are built with it, so that the progress has
 * one total. Throws with the reason when no CLI can be had.
 */
export async function ensurePulumi(report: Report, alongside: readonly ToolName[] = []): Promise<Pulumi> {
    const wanted = process.env["TRADESTREAM_PULUMI"] as Source | undefined;
    const sources: Readonly<Record<Source, () => Promise<Pulumi | undefined>>> = {
        path: onPath,
        installer: () => installed(report),
        build: () => built(report, alongside),
    };
    if (wanted !== undefined && !(wanted in sources)) {
        throw new Error(`TRADESTREAM_PULUMI is ${wanted}: give path, installer or build, or leave it out`);
    }
    for (const source of wanted === undefined ? (Object.keys(sources) as Source[]) : [wanted]) {
        const found = await sources[source]();
        if (found !== undefined) return found;
    }
    throw new Error(`no Pulumi CLI of version ${sdk.version} or newer can be had from the source ${wanted ?? "any"}`);
}

/** A `pulumi` on the PATH that is new enough, and has the providers or can fetch them. */
async function onPath(): Promise<Pulumi | undefined> {
    try {
        const { version } = await PulumiCommand.get({ version: semver.parse(sdk.version)! });
        const pulumi = { file: "pulumi", env: environment({}) };
        return version !== null && (await hasPlugins(pulumi)) ? pulumi : undefined;
    } catch {
        return undefined;
    }
}

async function installed(report: Report): Promise<Pulumi | undefined> {
    const root = path.join(pulumiHome(), `cli-${sdk.version}`);
    const pulumi = { file: path.join(root, "bin/pulumi"), env: environment({ PULUMI_HOME: root }) };
    if (existsSync(pulumi.file) && (await hasPlugins(pulumi))) return pulumi;
    if (existsSync(builtHome()) || !(await networkAnswers())) return undefined;
    return report.step(`Installing the Pulumi CLI ${sdk.version}`, async () => {
        // A slow download goes on until this process ends; what it has installed by then is found by the next run.
        const done = PulumiCommand.install({ root, version: semver.parse(sdk.version)! }).then(() => true);
        const late = setTimeout(installMilliseconds, false, { ref: false });
        const isInstalled = await Promise.race([done, late]).catch(() => false);
        return isInstalled && (await hasPlugins(pulumi)) ? pulumi : undefined;
    });
}

async function networkAnswers(): Promise<boolean> {
    try {
        return (await fetch(installerAddress, { signal: AbortSignal.timeout(probeMilliseconds) })).ok;
    } catch {
        return false;
    }
}

/** Whether the CLI has both providers in the versions of the SDKs; asks the network only for what is missing. */
async function hasPlugins({ file, env }: Pulumi): Promise<boolean> {
    const versions = { kubernetes: kubernetesSdk.version, random: randomSdk.version };
    for (const [name, version] of Object.entries(versions)) {
        const install = ["plugin", "install", "resource", name, version];
        const { exitCode } = await execa(file, install, { env, reject: false, timeout: installMilliseconds });
        if (exitCode !== 0) return false;
    }
    return true;
}

async function built(report: Report, alongside: readonly ToolName[]): Promise<Pulumi> {
    const home = linkBuilt(await ensureTools([...alongside, ...pulumiTools], report));
    return {
        file: path.join(home, "bin/pulumi"),
        env: environment(
            { PULUMI_HOME: home, PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" },
            path.join(home, "bin"),
        ),
    };
}

/** The program and the policy pack run in the Node.js that runs this, whatever `node` the PATH has first. */
function environment(more: Readonly<Record<string, string>>, ...programs: string[]): Readonly<Record<string, string>> {
    const directories = [...programs, path.dirname(process.execPath), process.env["PATH"] ?? ""];
    return { PATH: directories.join(path.delimiter), PULUMI_SKIP_UPDATE_CHECK: "true", ...more };
}
