/**
 * Checks manifests without Pulumi: `tradestream-policy [files...]`.
 * Exit status: 0 nothing mandatory is broken, 1 something is, 2 bad usage or nothing to check.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";

import { knownVersions } from "./api/schema.ts";
import { check } from "./check.ts";
import { counts, FORMATS, type Format, type Located, type Outcome } from "./formats.ts";
import { ManifestError, readManifests, type Manifests } from "./manifests.ts";
import type { Level } from "./model/rule.ts";
import { PRESETS, type Preset } from "./model/rule.ts";
import { isTree } from "./model/view.ts";
import own from "./package.json" with { type: "json" };
import { parseSettings, policyPart, type Settings } from "./settings.ts";
import { decode } from "./yaml.ts";

interface Options {
    readonly stack: string;
    readonly environment: string;
    readonly namespace?: string;
    readonly format: Format;
    readonly output?: string;
    readonly preset?: Preset;
    readonly policyConfig?: string;
    readonly level: Readonly<Record<string, Level>>;
}

/** An error of the caller, which is no finding. */
class UsageError extends Error {}

// A reader such as `head` may close the pipe before all is written.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") process.exit(2);
});
try {
    process.exitCode = await run(process.argv);
} catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else {
        process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
        process.exitCode = 2;
    }
}

async function run(argv: readonly string[]): Promise<number> {
    const command = new Command("tradestream-policy")
        .description("Checks Kubernetes manifests against the policy pack.")
        .argument("[files...]", "manifests, in YAML or JSON; - reads standard input")
        .option("-s, --stack <name>", "name of the stack, for its part of the configuration", "")
        .option("--environment <name>", "environment, for its part of the configuration", "")
        .option(
            "-n, --namespace <name>",
            "where objects without a namespace land, as for kubectl and helm",
            toNamespace,
        )
        .addOption(new Option("-f, --format <format>", "of the report").choices(Object.keys(FORMATS)).default("text"))
        .option("-o, --output <file>", "write the report there instead of standard output, which is -")
        .addOption(new Option("--preset <preset>", "levels of all rules").choices([...PRESETS]))
        .option("--policy-config <file>", "configuration, as for --policy-pack-config")
        .option("--level <rule=level>", "level of one rule: disabled, advisory or mandatory; repeatable", toLevel, {})
        .version(own.version)
        .showHelpAfterError("Call with --help for all options.")
        .exitOverride()
        .parse(argv);
    const options = command.opts<Options>();
    if (command.args.length === 0) throw new UsageError("name files, or - for standard input");
    const settings = settingsOf(options);
    warnOfVersion(settings.parameters.kubernetesVersion);
    const sources: Manifests[] = [];
    for (const file of command.args) sources.push(await read(file, options.namespace));
    const outcome = checkAll(sources, settings, options.policyConfig);
    if (outcome.objects.length === 0) throw new UsageError("there is no Kubernetes object to check");
    write(FORMATS[options.format](outcome, process.stdout), options.output);
    return counts(outcome).mandatory > 0 ? 1 : 0;
}

function warnOfVersion(version: string): void {
    const known = knownVersions();
    if (known.includes(version)) return;
    const range = `${known[0]} to ${known.at(-1)}`;
    process.stderr.write(
        `warning: the schema of Kubernetes ${version} is not known (${range} are); the nearest is used\n`,
    );
}

/** @param config file that findings about the configuration itself belong to */
function checkAll(sources: readonly Manifests[], settings: Settings, config = ""): Outcome {
    const objects = sources.flatMap((source) => source.objects);
    const report = check(objects, settings);
    const home = new Map(sources.flatMap((source) => source.objects.map((object) => [object, source] as const)));
    const findings = report.findings.map((finding): Located => {
        const source = home.get(finding.object);
        if (source === undefined) return { finding, file: config, line: 1 };
        return { finding, file: source.file, line: source.lineOf(finding.object, finding.path) };
    });
    const rules = [...settings.levels.values()].filter((level) => level !== "disabled").length;
    return { findings, exempted: report.exempted, objects, rules };
}

function settingsOf({ preset, policyConfig, level, stack, environment }: Options): Settings {
    const overrides = { ...(preset !== undefined && { preset }), rules: level };
    return parseSettings(
        policyConfig === undefined ? {} : configIn(policyConfig),
        new Date().toISOString().slice(0, 10),
        { stack, environment },
        overrides,
    );
}

/** The part of a configuration file that is for this pack; a file may hold that part alone. */
function configIn(file: string): unknown {
    let config: unknown;
    try {
        config = JSON.parse(decode(readFileSync(file)));
    } catch (error) {
        throw new UsageError(`cannot read the configuration ${file} as JSON: ${(error as Error).message}`);
    }
    if (!isTree(config)) throw new UsageError(`the configuration ${file} is no object`);
    return policyPart(config) ?? config;
}

async function read(file: string, namespace: string | undefined): Promise<Manifests> {
    try {
        const bytes = file === "-" ? Buffer.concat(await process.stdin.toArray()) : readFileSync(file);
        const manifests = readManifests(file === "-" ? "stdin" : file, decode(bytes), namespace);
        for (const warning of manifests.warnings) process.stderr.write(`warning: ${warning}\n`);
        return manifests;
    } catch (error) {
        if (error instanceof ManifestError) throw error;
        throw new UsageError(`cannot read ${file}: ${(error as Error).message}`);
    }
}

function write(report: string, file: string | undefined): void {
    if (file === undefined || file === "-") {
        process.stdout.write(report);
        return;
    }
    try {
        writeFileSync(file, report);
    } catch (error) {
        throw new UsageError(`cannot write the report: ${(error as Error).message}`);
    }
}

function toNamespace(given: string): string {
    if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(given)) return given;
    throw new InvalidArgumentError("Write a DNS label: lower-case letters, digits and hyphens, 63 at most.");
}

function toLevel(given: string, before: Readonly<Record<string, Level>>): Readonly<Record<string, Level>> {
    const [rule = "", level = ""] = given.split("=");
    if (level !== "disabled" && level !== "advisory" && level !== "mandatory")
        throw new InvalidArgumentError("Write rule=disabled, rule=advisory or rule=mandatory.");
    return { ...before, [rule]: level };
}
