/**
 * `npm run set-image -- SERVICE DIGEST|TAG|REFERENCE --stack NAME`: changes the image of a service in the stack file, for
 * people and bots. Comments and all other values stay. Exit status: 0 changed or unchanged, 1 invalid, 2 bad usage.
 */
import { readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Argument, Command } from "commander";
import { type Document, parseDocument } from "yaml";
import { type ConfigError, describeErrors } from "../config/errors/index.ts";
import * as format from "../config/formats.ts";
import { otherStacks } from "../config/otherStacks.ts";
import { parseConfig } from "../config/parse.ts";
import { type ServiceKey, serviceKeys, services } from "../config/services/index.ts";
import { type JsonObject, valueAt } from "../config/values.ts";
import { writtenKey } from "../local/pulumi/stackFile.ts";
import { readStack, type StackProject } from "./render/configuration.ts";

/** New values of fields of `image`; null takes a field away. */
type ImageChange = Readonly<Partial<Record<"repository" | "tag" | "digest", string | null>>>;

const names = new Map<string, ServiceKey>(
    serviceKeys.flatMap((key) => [key, services[key].name].map((name) => [name, key])),
);

/**
 * Changes the stack file in the working directory.
 * @param name key or name of the service
 * @param image digest, tag or reference
 * @returns what has changed, in a sentence
 * @throws Error where the image or the resulting configuration is invalid; the file is as before
 */
export function setImage(stack: string, name: string, image: string): string {
    const service = names.get(name);
    if (service === undefined) throw new Error(`there is no service ${name}`);
    const change = changeTo(image);
    const file = `Pulumi.${stack}.yaml`;
    const project = readStack(".", stack, []);
    const qualified = `${project.name}:${service}`;
    const text = readFileSync(file, "utf8");
    const document = parseDocument(text, { compat: "yaml-1.1" }); // Pulumi reads 1e3 and 2026-11-29 as no text.
    const before = plain(document);
    const place = ["config", writtenKey(before["config"] ?? {}, project.name, service), "image"];
    edit(document, place, change, file);
    const after = plain(document);
    if (!isDeepStrictEqual(after, withImage(before, place, change)))
        throw new Error(`${file}: an alias or a merge key is in the way of ${place.join(".")}; write its values out`);
    const section = valueAt(after, place.slice(0, -1));
    check(stack, project, readStack(".", stack, [`${qualified}=${JSON.stringify(section)}`]));
    if (isDeepStrictEqual(before, after)) return `unchanged: ${service}.image in ${file}`;
    replace(file, document.toString({ lineWidth: 0 }));
    const shown = (content: JsonObject, field: string) =>
        (valueAt(content, [...place, field]) as string | undefined) ?? "unset";
    const fields = Object.keys(change).map((field) => `${field} ${shown(before, field)} -> ${shown(after, field)}`);
    return `changed: ${service}.image in ${file}: ${fields.join(", ")}`;
}

/** A digest leaves the tag, which then only tells people; a tag takes the digest away, which would win over it. */
function changeTo(text: string): ImageChange {
    if (format.imageDigest.safeParse(text).success) return { digest: text };
    if (format.imageTag.safeParse(text).success) return { tag: text, digest: null };
    const { repository, tag, digest } = format.imageParts(text);
    // `v2@sha256:…` could be a tag or a repository, and `sha256:abc` is a digest cut short.
    const isClear = repository !== "sha256" && (tag !== undefined || repository.includes("/"));
    if (!isClear || !format.image.safeParse(text).success)
        throw new Error(
            `${text} is no image: give a digest (sha256: and 64 hex digits), a tag such as v1.0.0, or a reference with ` +
                "tag or digest such as registry.example.com/team/gateway-api:v1.0.0",
        );
    return { repository, ...(tag !== undefined && { tag }), digest: digest ?? null };
}

/** The content as JSON has it: each alias with values of its own. */
function plain(document: Document): JsonObject {
    return JSON.parse(JSON.stringify(document.toJS())) as JsonObject;
}

function withImage(content: JsonObject, place: readonly string[], change: ImageChange): unknown {
    const [key, ...rest] = place;
    if (key === undefined) {
        const fields = Object.entries({ ...content, ...change });
        return Object.fromEntries(fields.filter(([, value]) => value !== null));
    }
    return { ...content, [key]: withImage((content[key] ?? {}) as JsonObject, rest, change) };
}

function edit(document: Document, place: readonly string[], change: ImageChange, file: string): void {
    try {
        for (const [field, value] of Object.entries(change)) {
            if (value !== null) document.setIn([...place, field], value);
            else if (document.hasIn([...place, field])) document.deleteIn([...place, field]);
        }
    } catch {
        throw new Error(`${file}: ${place.join(".")} is not written as a map; write its values out`);
    }
}

/** @throws Error with all errors of the configuration */
function check(stack: string, before: StackProject, after: StackProject): void {
    // Without its encrypted values a configuration may look wrong that is not.
    const known = after.encrypted.length > 0 ? errorsOf(stack, before).map(({ key, problem }) => key + problem) : [];
    const errors = errorsOf(stack, after).filter(({ key, problem }) => !known.includes(key + problem));
    if (errors.length > 0) throw new Error(describeErrors(stack, errors));
}

function errorsOf(stack: string, { name, config }: StackProject): readonly ConfigError[] {
    const own = Object.entries(config).filter(([key]) => key.startsWith(`${name}:`));
    const raw = Object.fromEntries(own.map(([key, value]) => [key.slice(name.length + 1), value]));
    return parseConfig(raw, { placeholders: true, others: otherStacks(name, stack) }).errors;
}

/** Writes a file as a whole: whoever reads it meanwhile gets the old or the new one. */
function replace(file: string, text: string): void {
    const real = realpathSync(file);
    const unfinished = path.join(path.dirname(real), `.${path.basename(real)}.${process.pid}`);
    try {
        writeFileSync(unfinished, text, { mode: statSync(real).mode });
        renameSync(unfinished, real);
    } catch (error) {
        rmSync(unfinished, { force: true });
        throw error;
    }
}

if (import.meta.main) {
    const command = new Command("set-image")
        .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
        .description("Changes the image of a service in the stack file Pulumi.<stack>.yaml; deploys nothing.")
        .addArgument(new Argument("<service>", "key or name of a service").choices([...names.keys()]))
        .argument("<image>", "digest (sha256:…), tag, or reference (repository:tag, repository:tag@digest)")
        .requiredOption("-s, --stack <name>", "name of the stack", process.env["PULUMI_STACK"])
        .parse();
    const [service, image] = command.args as [string, string];
    try {
        process.stdout.write(`${setImage(command.opts<{ stack: string }>().stack, service, image)}\n`);
    } catch (error) {
        process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
        process.exitCode = 1;
    }
}
