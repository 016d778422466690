/**
 * Policy packs: each runs in a process of its own, as under the official CLI, and is asked about every resource before
 * anything is done to it, and about the whole stack at the end of a preview.
 */
import fs from "node:fs";
import path from "node:path";
import analyzer from "@pulumi/pulumi/proto/analyzer_pb.js";
import type { AnalyzeResponse } from "@pulumi/pulumi/proto/analyzer_pb.js";
import { UsageError, messageOf } from "./errors.ts";
import type { Violation } from "./events.ts";
import type { Goal } from "./goal.ts";
import { Pack, toStruct } from "./policy-pack.ts";
import type { PolicyOptions } from "./policy-pack.ts";
import type { ResourceState } from "./state/types.ts";
import { urnName, urnType } from "./urn.ts";
import { isObject, without } from "./values.ts";
import type { Values } from "./values.ts";

/** The provider resource behind a resource. */
export interface ProviderInfo {
    readonly urn: string;
    readonly inputs: Values;
}

/** What a run needs of policy packs. */
export interface PolicyChecker {
    /** What policies have against a resource. */
    analyze(goal: Goal, inputs: Values, provider?: ProviderInfo): Promise<readonly Violation[]>;
    /** What they have against the stack as a whole, or against resources in relation to others. */
    analyzeStack(resources: readonly ResourceState[]): Promise<readonly Violation[]>;
}

/** Policy packs that run, until {@link PolicyPacks.close}. */
export class PolicyPacks implements PolicyChecker {
    readonly #packs: readonly Pack[];

    private constructor(packs: readonly Pack[]) {
        this.#packs = packs;
    }

    /** Starts the packs and configures them. Throws when one cannot be started. */
    static async start(options: PolicyOptions): Promise<PolicyPacks> {
        const settings = readSettings(options.configFile);
        const packs: Pack[] = [];
        try {
            await Promise.all(
                options.directories.map(async (directory) => {
                    const pack = await Pack.start(path.resolve(directory), options);
                    packs.push(pack);
                    await pack.configure(settings, options);
                }),
            );
        } catch (error) {
            packs.forEach((pack) => pack.close());
            throw error;
        }
        return new PolicyPacks(packs);
    }

    async analyze(goal: Goal, inputs: Values, provider?: ProviderInfo): Promise<readonly Violation[]> {
        const request = new analyzer.AnalyzeRequest();
        request.setUrn(goal.urn);
        request.setType(goal.type);
        request.setName(goal.name);
        request.setProperties(toStruct(inputs));
        request.setOptions(optionsOf(goal));
        if (provider !== undefined) {
            const resource = new analyzer.AnalyzerProviderResource();
            resource.setUrn(provider.urn);
            resource.setType(urnType(provider.urn));
            resource.setName(urnName(provider.urn));
            resource.setProperties(toStruct(provider.inputs));
            request.setProvider(resource);
        }
        const found = await Promise.all(
            this.#packs.map((pack) => pack.ask<AnalyzeResponse>((client, reply) => client.analyze(request, reply))),
        );
        return violationsIn(found, goal.urn);
    }

    async analyzeStack(resources: readonly ResourceState[]): Promise<readonly Violation[]> {
        const request = new analyzer.AnalyzeStackRequest();
        request.setResourcesList(
            resources.map((state) => {
                const resource = new analyzer.AnalyzerResource();
                resource.setUrn(state.urn);
                resource.setType(state.type);
                resource.setName(urnName(state.urn));
                resource.setParent(state.parent);
                resource.setDependenciesList([...state.dependencies]);
                resource.setProperties(
                    toStruct(
                        without(
                            state.outputs,
                            Object.keys(state.outputs).filter((key) => key.startsWith("__")),
                        ),
                    ),
                );
                const options = new analyzer.AnalyzerResourceOptions();
                options.setProtect(state.protect);
                resource.setOptions(options);
                return resource;
            }),
        );
        const found = await Promise.all(
            this.#packs.map((pack) =>
                pack.ask<AnalyzeResponse>((client, reply) => client.analyzeStack(request, reply)),
            ),
        );
        return violationsIn(found, "");
    }

    close(): void {
        this.#packs.forEach((pack) => pack.close());
    }
}

function violationsIn(responses: readonly AnalyzeResponse[], urn: string): readonly Violation[] {
    return responses
        .flatMap((response) => response.getDiagnosticsList())
        .map((diagnostic) => ({
            policy: diagnostic.getPolicyname(),
            pack: diagnostic.getPolicypackname(),
            level: diagnostic.getEnforcementlevel() === analyzer.EnforcementLevel.ADVISORY ? "advisory" : "mandatory",
            urn: diagnostic.getUrn() || urn,
            message: diagnostic.getMessage().trim(),
        }));
}

function readSettings(file: string | undefined): Readonly<Record<string, unknown>> {
    if (file === undefined) return {};
    try {
        const content: unknown = JSON.parse(fs.readFileSync(file, "utf8"));
        if (isObject(content)) return content;
    } catch (error) {
        throw new UsageError(`--policy-pack-config ${file}: ${messageOf(error)}`);
    }
    throw new UsageError(`--policy-pack-config ${file}: expected a JSON object`);
}

function optionsOf(goal: Goal): InstanceType<typeof analyzer.AnalyzerResourceOptions> {
    const options = new analyzer.AnalyzerResourceOptions();
    options.setProtect(goal.protect);
    options.setParent(goal.parent);
    options.setIgnorechangesList([...goal.ignoreChanges]);
    options.setAdditionalsecretoutputsList([...goal.additionalSecretOutputs]);
    options.setAliasesList([...goal.aliases]);
    options.setDeletebeforereplace(goal.deleteBeforeReplace === true);
    options.setDeletebeforereplacedefined(goal.deleteBeforeReplace !== undefined);
    const timeouts = new analyzer.AnalyzerResourceOptions.CustomTimeouts();
    timeouts.setCreate(goal.customTimeouts.create ?? 0);
    timeouts.setUpdate(goal.customTimeouts.update ?? 0);
    timeouts.setDelete(goal.customTimeouts.delete ?? 0);
    options.setCustomtimeouts(timeouts);
    return options;
}
