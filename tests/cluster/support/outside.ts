/** A place outside of the shared cluster: a network of its own with addresses of the internet, of private networks and others. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { attempt, command } from "../../../local/cluster/command.ts";
import { nodeProcess } from "./node.ts";

/** The node's end of the link (a range for documentation). */
const gateway = "192.0.2.1";

/** The place, for as long as it is there. */
export interface Outside {
    /** Its network namespace, as a file. */
    readonly network: string;
    close(): Promise<void>;
}

/** Makes a place with these IPv4 addresses. The node routes to it as to any other; the machine's own network has no part in it. */
export async function openOutside(addresses: readonly string[]): Promise<Outside> {
    // The namespace is there as long as this process, which ends with the tests.
    const waiting = ["unshare", "--net", "sh", "-c", "echo made; exec sleep infinity"];
    const holder = spawn("setpriv", ["--pdeathsig", "SIGKILL", "--", ...waiting], {
        stdio: ["ignore", "pipe", "inherit"],
    });
    await once(holder.stdout, "data");
    const pid = String(holder.pid);
    const link = `out${pid}`;
    const within = (process: string, ...options: string[]): Promise<string> =>
        command("nsenter", "--target", process, "--net", "--", "ip", ...options);
    const atNode = (...options: string[]): Promise<string> => within(String(nodeProcess()), ...options);
    const close = async (): Promise<void> => {
        await attempt("nsenter", "--target", String(nodeProcess()), "--net", "--", "ip", "link", "delete", link);
        const closed = once(holder, "close");
        holder.kill("SIGKILL");
        await closed;
    };
    try {
        await atNode("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", pid);
        await atNode("address", "add", `${gateway}/32`, "dev", link);
        await atNode("link", "set", link, "up");
        await within(pid, "link", "set", "eth0", "up");
        for (const address of addresses) {
            await within(pid, "address", "add", `${address}/32`, "dev", "eth0");
            await atNode("route", "add", address, "dev", link);
        }
        await within(pid, "route", "add", gateway, "dev", "eth0");
        await within(pid, "route", "add", "default", "via", gateway);
        return { network: `/proc/${pid}/ns/net`, close };
    } catch (error) {
        await close();
        throw error;
    }
}
