/**
 * The background process of one cluster (`node supervisor.ts NAME`): builds the node up, keeps it running, takes it
 * down on SIGTERM. Its standard output is logs/supervisor.log.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Api } from "./api.ts";
import { createCgroups, podProcesses } from "./cgroups.ts";
import { prepareComponents } from "./components.ts";
import type { Tools } from "./components.ts";
import { importArchive } from "./images.ts";
import { layoutOf } from "./layout.ts";
import type { Layout } from "./layout.ts";
import { createNode } from "./namespace.ts";
import { Processes, signal } from "./processes.ts";
import { apiIsReady, applyAddons, nodeIsReady, servicesAnswer, until } from "./readiness.ts";
import { withSandboxArchive } from "./sandbox.ts";
import type { ClusterSettings } from "./settings.ts";
import { nodeName } from "./settings.ts";
import { identify, writeState } from "./state.ts";
import type { Phase, ProcessIdentity } from "./state.ts";
import { provisionVolumes } from "./storage.ts";
import { removeRemains } from "./teardown.ts";

/** What `up` hands to the supervisor, in `launch.json`. */
export interface Launch {
    readonly settings: ClusterSettings;
    readonly tools: Tools;
}

const podPatience = 5000;
const componentPatience = 3000;

const layout = layoutOf(process.argv[2] ?? "");
const { settings, tools } = JSON.parse(readFileSync(layout.launch, "utf8")) as Launch;
const ending = new AbortController();
for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => ending.abort());
process.on("SIGHUP", () => undefined);

let node: ProcessIdentity | undefined;
let processes: Processes | undefined;
let phase: Phase = "starting";
let message = "";
const self = identify(process.pid);

function tell(newPhase: Phase = phase, newMessage: string = message): void {
    if (newPhase !== phase || newMessage !== message) log(`${newPhase}: ${newMessage}`);
    [phase, message] = [newPhase, newMessage];
    if (!self) return;
    const components = processes?.states() ?? [];
    writeState(layout.state, { phase, message, supervisor: self, ...(node ? { node } : {}), components });
}

function log(text: string): void {
    process.stdout.write(`${new Date().toISOString()} ${text}\n`);
}

async function start(api: Api): Promise<void> {
    tell("starting", "removing what an earlier run left");
    await removeRemains(settings.name);
    for (const directory of [layout.logs, layout.etcd, layout.containerd, layout.kubelet, layout.volumes]) {
        mkdirSync(directory, { recursive: true, mode: 0o700 });
    }
    const components = prepareComponents(settings, layout, tools);
    if (!settings.simulated) {
        tell("starting", "making the node's namespaces");
        createCgroups(settings.name);
        node = await createNode(settings, layout);
    }
    processes = new Processes(node, layout.logs, () => tell());
    const began = new Date();
    for (const component of components.first) processes.start(component);
    tell("starting", "waiting for the API server");
    await until(() => apiIsReady(api), ending.signal, "the API server did not become ready; see kube-apiserver.log");
    await applyAddons(api, settings, layout);
    for (const component of components.second) processes.start(component);
    if (node) {
        tell("starting", "loading the sandbox image");
        await loadSandbox(node, layout);
    }
    tell("starting", "waiting for the node");
    const log = settings.simulated ? "kwok.log" : "kubelet.log";
    await until(() => nodeIsReady(api, settings, began), ending.signal, `the node did not become ready; see ${log}`);
    if (!settings.simulated) {
        tell("starting", "waiting for DNS and metrics");
        const reason = "DNS or metrics do not answer; see coredns.log and metrics-server.log";
        await until(() => servicesAnswer(api, settings), ending.signal, reason);
    }
    tell("ready", "");
}

async function loadSandbox(inside: ProcessIdentity, { containerd }: Layout): Promise<void> {
    const { pause, ctr } = tools;
    if (pause === undefined || ctr === undefined) throw new Error("the tools pause and ctr have not been built");
    const problem = `containerd takes no image into ${containerd}; see containerd.log`;
    await withSandboxArchive(pause, (archive) =>
        until(() => succeeds(importArchive(inside, ctr, archive)), ending.signal, problem),
    );
}

async function succeeds(work: Promise<void>): Promise<boolean> {
    try {
        await work;
        return true;
    } catch (error) {
        log(error instanceof Error ? error.message : String(error));
        return false;
    }
}

/** Ends the pods first, so that databases can close their files, then the components, then everything. */
async function stop(): Promise<void> {
    if (processes) {
        await processes.stop(componentPatience, ["kubelet"]);
        if (node) await endPods();
        const last = ["etcd"];
        const others = processes.states().flatMap(({ name }) => (last.includes(name) ? [] : name));
        await processes.stop(componentPatience, others);
        await processes.stop(componentPatience, last);
        processes.end();
    }
    await removeRemains(settings.name, node);
}

async function endPods(): Promise<void> {
    signal(podProcesses(settings.name), "SIGTERM");
    const deadline = performance.now() + podPatience;
    while (podProcesses(settings.name).length > 0 && performance.now() < deadline) await sleep(50);
}

const api = new Api(settings, layout.pki);
let failure: string | undefined;
try {
    await start(api);
    const refresh = setInterval(() => tell(), 2000);
    await provisionVolumes(api, layout.volumes, nodeName(settings), ending.signal);
    clearInterval(refresh);
} catch (error) {
    if (!ending.signal.aborted) failure = error instanceof Error ? error.message : String(error);
}
tell("stopping", failure ?? "");
api.close();
await stop().catch((error: unknown) => {
    failure ??= error instanceof Error ? error.message : String(error);
});
[node, processes] = [undefined, undefined];
tell("failed", failure ?? "stopped");
process.exit(failure === undefined ? 0 : 1);
