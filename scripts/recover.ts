/** Repairs a stack and its cluster after an update that was killed, so that the next `up` finishes what it began. */
import { runPulumi } from "../local/pulumi/run.ts";
import type { Report } from "../local/report.ts";
import { RELEASE_TYPE } from "../policy-pack/resources.ts";
import type { Kubectl } from "./kubectl.ts";
import { deadLocks } from "./locks.ts";

/** How the CLI is run on the stack. */
export interface StackCommand {
    readonly file: string;
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly project: string;
    readonly stack: string;
    /** Added to commands that read the configuration: `--config-file`. */
    readonly flags: readonly string[];
}

/** A resource whose creation had begun and whose end the state does not know. */
interface PendingOperation {
    readonly type: string;
    readonly resource: Resource;
}

interface Resource {
    readonly urn: string;
    readonly type: string;
    readonly inputs?: {
        readonly apiVersion?: string;
        readonly kind?: string;
        readonly metadata?: { readonly name?: string; readonly namespace?: string };
        /** Of a Release. */
        readonly name?: string;
        readonly namespace?: string;
    };
}

interface ListedStack {
    readonly name: string;
    /** Absent where the backend does not know. */
    readonly updateInProgress?: boolean;
}

interface Deployment {
    readonly resources?: readonly Resource[];
    readonly pending_operations?: readonly PendingOperation[];
}

const unfinished = "status in (pending-install,pending-upgrade,pending-rollback)";

/**
 * Removes the lock of an update that no longer runs, the records of Helm operations that never ended, and the pending
 * operations of the state: objects that exist are taken into the state, the others are forgotten and created again.
 * Deletes no object of the platform. Running it twice, or without need, changes nothing.
 *
 * @returns what was repaired, one sentence each
 * @throws when an update is still running
 */
export async function recover(
    command: StackCommand,
    kubectl: Kubectl,
    namespace: string,
    report: Report,
): Promise<string[]> {
    const unlocked = await unlock(command);
    const deployment = await exported(command);
    return [
        ...unlocked,
        ...(await report.step("Looking for interrupted Helm operations", () =>
            forgetHelmOperations(deployment, kubectl, namespace),
        )),
        ...(await report.step("Looking for pending operations", () => settlePending(command, deployment, kubectl))),
    ];
}

async function unlock(command: StackCommand): Promise<string[]> {
    const { url } = JSON.parse((await run(command, ["whoami", "--json"])).stdout) as { readonly url: string };
    const stack = command.stack.split("/").at(-1) ?? "";
    if (!url.startsWith("file://")) {
        const list = JSON.parse((await run(command, ["stack", "ls", "--json"])).stdout) as readonly ListedStack[];
        const isBusy = list.some(({ name, updateInProgress }) => updateInProgress && name.split("/").at(-1) === stack);
        if (isBusy)
            throw new Error("an update of this stack is in progress: wait until it ends, or `pulumi cancel` it");
        return [];
    }
    const locks = deadLocks(url, command.project, stack);
    if (locks.length === 0) return [];
    await pulumi(command, ["cancel", "--yes"]);
    return locks.map((owner) => `removed the lock of ${owner}, which no longer runs`);
}

/**
 * Helm refuses to work on a release whose last operation did not end. Without the record of that operation the release is
 * what it was before, or absent; what it had created already carries the release's name and is taken over by the next one.
 */
async function forgetHelmOperations(
    { resources = [], pending_operations: pending = [] }: Deployment,
    kubectl: Kubectl,
    namespace: string,
): Promise<string[]> {
    const known = [...resources, ...pending.map(({ resource }) => resource)];
    const releases = known.flatMap(({ type, inputs }) => (type === RELEASE_TYPE ? (inputs?.name ?? []) : []));
    if (releases.length === 0) return [];
    // Other releases of the namespace belong to someone else.
    const selector = `owner=helm,${unfinished},name in (${[...new Set(releases)].join(",")})`;
    const list = await kubectl(["get", "secrets", "-n", namespace, "-l", selector, "-o", "name"]);
    const names = list.split("\n").filter((name) => name !== "");
    if (names.length > 0) await kubectl(["delete", "-n", namespace, ...names]);
    return names.map((name) => `deleted ${name}, the record of a Helm operation that did not end`);
}

async function exported(command: StackCommand): Promise<Deployment> {
    const { stdout } = await pulumi(command, ["stack", "export"]);
    return (JSON.parse(stdout) as { readonly deployment: Deployment }).deployment;
}

async function settlePending(
    command: StackCommand,
    { pending_operations: pending = [] }: Deployment,
    kubectl: Kubectl,
): Promise<string[]> {
    if (pending.length === 0) return [];
    const imports: string[] = [];
    const repaired: string[] = [];
    for (const { type, resource } of pending) {
        const id = type === "creating" ? await existing(resource, kubectl) : undefined;
        if (id !== undefined)
            imports.push(`--import-pending-creates=${resource.urn}`, `--import-pending-creates=${id}`);
        if (type === "creating" && resource.type === RELEASE_TYPE)
            repaired.push(...(await forgetRelease(resource, kubectl)));
        repaired.push(
            `${id === undefined ? "cleared" : "took into the state"} the pending operation on ${resource.urn}`,
        );
    }
    const refresh = ["refresh", "--yes", "--skip-preview", "--non-interactive", ...command.flags];
    await pulumi(command, [...refresh, ...imports, "--clear-pending-creates"]);
    return repaired;
}

/** The provider's id of an object that exists, such as `namespace/name`. */
async function existing({ type, inputs }: Resource, kubectl: Kubectl): Promise<string | undefined> {
    if (!type.startsWith("kubernetes:") || type === RELEASE_TYPE || inputs?.metadata?.name === undefined)
        return undefined;
    const { apiVersion, kind, metadata } = inputs;
    const { name, namespace } = metadata as { name: string; namespace?: string };
    const manifest = JSON.stringify({ apiVersion, kind, metadata: { name, namespace } });
    const found = await kubectl(["get", "-f", "-", "--ignore-not-found", "-o", "name"], manifest);
    if (found.trim() === "") return undefined;
    return namespace === undefined ? name : `${namespace}/${name}`;
}

/** A release that Helm finished and the state does not know: without its records the next installation takes it over. */
async function forgetRelease({ inputs }: Resource, kubectl: Kubectl): Promise<string[]> {
    const { name, namespace } = inputs ?? {};
    if (name === undefined || namespace === undefined) return [];
    const records = ["secrets", "-n", namespace, "-l", `owner=helm,name=${name}`];
    const list = await kubectl(["get", ...records, "-o", "name"]);
    if (list.trim() === "") return [];
    await kubectl(["delete", ...records]);
    return [`deleted Helm's records of the release ${name}; its objects stay, and the next \`up\` takes them over`];
}

function pulumi(command: StackCommand, args: readonly string[]): Promise<{ readonly stdout: string }> {
    return run(command, [...args, "--stack", command.stack]);
}

async function run({ file, cwd, env }: StackCommand, args: readonly string[]): Promise<{ readonly stdout: string }> {
    const ended = await runPulumi({ file, env }, args, { cwd, env, output: "pipe" });
    if (ended.code !== 0) throw new Error(`pulumi ${args[0]} failed: ${ended.stderr || ended.stdout}`);
    return ended;
}
