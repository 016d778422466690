/** A local Kubernetes: start, stop, ask, load images. See docs/local-cluster.md. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ensurePackages } from "../debian.ts";
import type { Report } from "../report.ts";
import { ensureTools, moduleSource } from "../tools/index.ts";
import { withLock } from "../tools/lock.ts";
import { ensureCertificates } from "./certificates.ts";
import { neededTools } from "./components.ts";
import { stages } from "./config/simulated.ts";
import { importArchive, LoadedImages } from "./images.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { clustersHome, layoutOf, lockFile } from "./layout.ts";
import type { Layout } from "./layout.ts";
import { halt, launch } from "./launch.ts";
import { packagesFor } from "./packages.ts";
import { checkMachine, clash, whatIsTaken } from "./preflight.ts";
import { apiUrl, checkedName, contextName, defaultName, indexes, settingsOf } from "./settings.ts";
import type { ClusterOptions, ClusterSettings } from "./settings.ts";
import { isAlive, readState } from "./state.ts";
import type { ComponentState } from "./state.ts";
import { removeRemains } from "./teardown.ts";

export { contextName, defaultName } from "./settings.ts";
export type { ClusterOptions, ClusterSettings } from "./settings.ts";
export { neededTools } from "./components.ts";

export interface ClusterStatus {
    readonly name: string;
    /** `stopped` has data and can be started again; `absent` has none. */
    readonly phase: "absent" | "stopped" | "starting" | "ready" | "stopping" | "crashed";
    readonly settings?: ClusterSettings;
    readonly server?: string;
    readonly context?: string;
    readonly kubeconfig?: string;
    readonly logs?: string;
    readonly supervisor?: number;
    /** First process of the node: `nsenter --target PID --net --mount --pid` enters it. Absent when simulated. */
    readonly node?: number;
    readonly components: readonly ComponentState[];
}

/** Path of the cluster's kubeconfig (which exists once the cluster has been started). */
export function kubeconfigPath(name: string = defaultName): string {
    return layoutOf(checkedName(name)).kubeconfig;
}

/** Names of the clusters that exist on this machine, running or not. */
export function clusterNames(): string[] {
    if (!existsSync(clustersHome())) return [];
    return readdirSync(clustersHome()).filter((name) => existsSync(layoutOf(name).settings));
}

/** What is there of a cluster, and whether it runs. */
export function status(name: string = defaultName): ClusterStatus {
    const layout = layoutOf(checkedName(name));
    const settings = readSettings(layout);
    if (!settings) return { name, phase: "absent", components: [] };
    const state = readState(layout.state);
    const known = {
        ...{ name, settings, server: apiUrl(settings), context: contextName(name) },
        ...{ kubeconfig: layout.kubeconfig, logs: layout.logs },
    };
    if (!state || !isAlive(state.supervisor)) {
        const ended = !state || state.phase === "failed";
        return { ...known, phase: ended ? "stopped" : "crashed", components: [] };
    }
    const phase = state.phase === "failed" ? "stopping" : state.phase;
    const node = state.node ? { node: state.node.pid } : {};
    return { ...known, phase, supervisor: state.supervisor.pid, ...node, components: state.components };
}

/**
 * Starts the cluster and returns when its node is ready; returns at once when it runs already.
 * What an earlier run kept (objects, volumes, images) is there again. Throws when the machine cannot run it, or when the
 * options differ from those it was made with.
 */
export async function up(options: ClusterOptions, report: Report): Promise<ClusterStatus> {
    const name = checkedName(options.name ?? defaultName);
    if (status(name).phase === "ready") {
        agree(options, readSettings(layoutOf(name)));
        return status(name);
    }
    return withLock(lockFile(name), async () => {
        if (status(name).phase === "ready") return status(name);
        const layout = layoutOf(name);
        const simulated = options.simulated ?? readSettings(layout)?.simulated ?? false;
        checkMachine(simulated);
        await ensurePackages(packagesFor(simulated), report);
        // One at a time on the whole machine, so that two new clusters do not take the same addresses.
        const settings = await withLock(lockFile(".settings"), () => settle(options, layout));
        const tools = await ensureTools(neededTools(settings), report);
        mkdirSync(layout.config, { recursive: true, mode: 0o700 });
        await ensureCertificates(layout.pki, settings);
        writeKubeconfig(layout.kubeconfig, settings, layout.pki, "admin");
        if (settings.simulated) {
            const source = await moduleSource("kwok");
            writeFileSync(path.join(layout.config, "stages.yaml"), stages(source));
        }
        writeFileSync(layout.launch, `${JSON.stringify({ settings, tools }, undefined, 2)}\n`);
        await report.step(`Starting the cluster ${name}`, (note) => launch(layout, name, note));
        return status(name);
    });
}

/** Stops the cluster; its data stays unless `purge`. Nothing happens when there is none. */
export async function down(options: { name?: string | undefined; purge?: boolean }, report: Report): Promise<void> {
    const name = checkedName(options.name ?? defaultName);
    await withLock(lockFile(name), async () => {
        const layout = layoutOf(name);
        const state = readState(layout.state);
        if (state && (isAlive(state.supervisor) || isAlive(state.node))) {
            await report.step(`Stopping the cluster ${name}`, () => halt(layout));
        }
        await removeRemains(name, state?.node);
        if (options.purge && existsSync(layout.root)) {
            await report.step(`Removing the data of the cluster ${name}`, async () => {
                await Promise.resolve(rmSync(layout.root, { recursive: true, force: true }));
            });
        }
    });
}

/** Loads image archives (tar) into the cluster's node; those that it has already are passed over. */
export async function loadImages(name: string, archives: readonly string[], report: Report): Promise<void> {
    const layout = layoutOf(checkedName(name));
    const state = readState(layout.state);
    const settings = readSettings(layout);
    if (!settings || !state || !isAlive(state.supervisor))
        throw new Error(`the cluster ${name} does not run: start it first`);
    if (settings.simulated) return;
    if (!state.node) throw new Error(`the cluster ${name} is still starting`);
    const node = state.node;
    const { ctr } = await ensureTools(["ctr"], report);
    const loaded = new LoadedImages(layout.loadedImages);
    for (const archive of archives.filter((file) => !loaded.has(file))) {
        await report.step(`Loading the image ${path.basename(archive)}`, () => importArchive(node, ctr, archive));
        loaded.add(archive);
    }
}

function readSettings(layout: Layout): ClusterSettings | undefined {
    if (!existsSync(layout.settings)) return undefined;
    return JSON.parse(readFileSync(layout.settings, "utf8")) as ClusterSettings;
}

/** The settings of an existing cluster, or new ones with the first index that is free; written down at once. */
async function settle(options: ClusterOptions, layout: Layout): Promise<ClusterSettings> {
    const kept = readSettings(layout);
    const settings = kept ? agree(options, kept) : await newSettings(options);
    const state = readState(layout.state);
    if (!isAlive(state?.supervisor)) {
        await removeRemains(settings.name, state?.node);
        const problem = await clash(settings, await whatIsTaken());
        if (problem !== undefined) throw new Error(problem);
    }
    mkdirSync(layout.root, { recursive: true, mode: 0o700 });
    writeFileSync(layout.settings, `${JSON.stringify(settings, undefined, 2)}\n`);
    return settings;
}

async function newSettings(options: ClusterOptions): Promise<ClusterSettings> {
    if (options.index !== undefined) return settingsOf(options, options.index);
    const used = new Set(clusterNames().map((other) => readSettings(layoutOf(other))?.index));
    const taken = await whatIsTaken();
    for (const index of indexes().filter((candidate) => !used.has(candidate))) {
        const settings = settingsOf(options, index);
        if ((await clash(settings, taken)) === undefined) return settings;
    }
    return settingsOf(options, 0);
}

/** The settings that a cluster was made with. Throws when the options ask for others. */
function agree(options: ClusterOptions, kept: ClusterSettings | undefined): ClusterSettings {
    if (!kept) throw new Error(`the settings of the cluster ${options.name ?? defaultName} are missing`);
    const keys = Object.keys(kept) as (keyof ClusterSettings)[];
    const changed = keys.find((key) => options[key] !== undefined && options[key] !== kept[key]);
    if (changed === undefined) return kept;
    throw new Error(
        `the cluster ${kept.name} was made with ${changed} ${kept[changed]}, not ${options[changed]}: ` +
            "leave the option out, or begin anew after `down --purge`",
    );
}
