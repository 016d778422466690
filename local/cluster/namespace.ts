/**
 * The node's namespaces: network, mounts and process ids of its own, held by one small process.
 * The kernel undoes them when that process ends, with every process, mount and link inside: nothing can be forgotten.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { home } from "../home.ts";
import { command } from "./command.ts";
import type { Layout } from "./layout.ts";
import { hostAddress, linkName, nodeAddress } from "./settings.ts";
import type { ClusterSettings } from "./settings.ts";
import { childrenOf, identify } from "./state.ts";
import type { ProcessIdentity } from "./state.ts";

/** Directories of the machine that the node replaces by empty ones of its own, in memory. */
const hidden = ["/run", "/var/log", "/var/lib"];

/** Kernel settings that the kubelet insists on. It finds them in files of its own: the machine's stay as they are. */
const pretended = {
    "vm/overcommit_memory": 1,
    "vm/panic_on_oom": 0,
    "kernel/panic": 10,
    "kernel/panic_on_oops": 1,
    "kernel/keys/root_maxkeys": 1_000_000,
    "kernel/keys/root_maxbytes": 25_000_000,
};

/**
 * Makes the namespaces, and the link between machine and node.
 * They last as long as the calling process: its end closes the pipe that the holding process reads.
 */
export async function createNode(settings: ClusterSettings, layout: Layout): Promise<ProcessIdentity> {
    const options = ["--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child=SIGKILL"];
    const holder = spawn("unshare", [...options, "bash", "-c", nodeScript(layout, home())], {
        stdio: ["pipe", "pipe", "inherit"],
        detached: true,
        cwd: "/",
    });
    const ended = once(holder, "exit").then(([code]) => {
        throw new Error(
            `the node's namespaces could not be set up (unshare ended with code ${code}); see supervisor.log`,
        );
    });
    await Promise.race([once(holder.stdout, "data"), ended]);
    ended.catch(() => undefined);
    const [pid] = childrenOf(holder.pid ?? 0);
    const node = pid === undefined ? undefined : identify(pid);
    if (!node) throw new Error("the node's first process ended at once; see supervisor.log");
    await connect(settings, node.pid);
    return node;
}

/** What the first process of the node does: arrange the file system, then hold the namespaces. Pure. */
export function nodeScript(layout: Layout, homeDirectory: string): string {
    const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
    const tmpfs = (directory: string): string => `mount -t tmpfs -o mode=755 tmpfs ${directory}`;
    const under = hidden.some((directory) => `${homeDirectory}/`.startsWith(`${directory}/`));
    const keptHome = under
        ? [`mkdir -p ${quoted(homeDirectory)}`, `mount --move /run/kept-home ${quoted(homeDirectory)}`]
        : [`umount /run/kept-home`, `rmdir /run/kept-home`];
    return [
        "set -eu",
        tmpfs("/run"),
        "mkdir /run/kept-home",
        `mount --rbind ${quoted(homeDirectory)} /run/kept-home`,
        ...hidden.filter((directory) => directory !== "/run").map(tmpfs),
        ...keptHome,
        "mkdir -p /var/lib/kubelet /var/log/containers /var/log/pods /run/containerd /run/settings",
        `mount --bind ${quoted(layout.kubelet)} /var/lib/kubelet`,
        // Where agents look for the logs of pods on any node.
        `mkdir -p ${quoted(layout.podLogs)}`,
        `mount --bind ${quoted(layout.podLogs)} /var/log/pods`,
        ...Object.entries(pretended).flatMap(([setting, value], number) => [
            `echo ${value} > /run/settings/${number}`,
            `mount --bind /run/settings/${number} /proc/sys/${setting}`,
        ]),
        'resolver="$(readlink -m /etc/resolv.conf)"',
        'mkdir -p "$(dirname "$resolver")"',
        '[ -e "$resolver" ] || : > "$resolver"',
        `mount --bind ${quoted(path.join(layout.config, "resolv.conf"))} "$resolver"`,
        "mount --make-rshared /",
        "echo 1 > /proc/sys/net/ipv4/ip_forward",
        "ip link set lo up",
        "echo ready",
        // Waits for the supervisor's end; bash, unlike a plain sleep, also buries orphaned processes.
        "while read -r _; do :; done",
    ].join("\n");
}

/** A pair of interfaces: the machine reaches pods and Services through the node, and the node nothing else. */
async function connect(settings: ClusterSettings, node: number): Promise<void> {
    const link = linkName(settings.name);
    const prefix = settings.linkCidr.split("/")[1] ?? "30";
    const inside = (...options: string[]): Promise<string> =>
        command("nsenter", "--target", String(node), "--net", "--", "ip", ...options);
    await command("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", String(node));
    await inside("address", "add", `${nodeAddress(settings)}/${prefix}`, "dev", "eth0");
    await inside("link", "set", "eth0", "up");
    // Where Services are translated the packet needs a route first, though it never takes it.
    await inside("route", "add", settings.serviceCidr, "dev", "eth0");
    await command("ip", "address", "add", `${hostAddress(settings)}/${prefix}`, "dev", link);
    await command("ip", "link", "set", link, "up");
    for (const range of [settings.podCidr, settings.serviceCidr]) {
        await command("ip", "route", "add", range, "via", nodeAddress(settings), "dev", link);
    }
}

/** The words that run a command inside the node. */
export function insideNode(node: ProcessIdentity): string[] {
    return ["nsenter", "--target", String(node.pid), "--net", "--mount", "--pid", "--"];
}
