/** Prometheus as Debian has it, unpacked and not installed: its packages would start servers on this machine. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { command, attempt } from "../../local/cluster/command.ts";
import { toolsHome } from "../../local/home.ts";
import { withLock } from "../../local/tools/lock.ts";

const packages = ["prometheus", "prometheus-alertmanager"] as const;

export interface PrometheusTools {
    readonly prometheus: string;
    readonly promtool: string;
    /** A command to run as root: Debian's Alertmanager wants a template in /usr/share, and sees one that is its own. */
    readonly alertmanager: readonly string[];
}

const withTemplate =
    'mount -t tmpfs none /usr/share && cp -r "$1/usr/share/prometheus" /usr/share/ && shift && exec "$@"';

/** Paths of the programs, which are downloaded first where they are missing. */
export async function prometheusTools(): Promise<PrometheusTools> {
    const directory = path.join(toolsHome(), "prometheus-debian");
    await withLock(`${directory}.lock`, async () => {
        if (!existsSync(directory)) await unpack(directory);
    });
    const at = (name: string): string => path.join(directory, "usr/bin", name);
    const alertmanager = [
        "unshare",
        "--mount",
        "sh",
        "-c",
        withTemplate,
        "sh",
        directory,
        at("prometheus-alertmanager"),
    ];
    return { prometheus: at("prometheus"), promtool: at("promtool"), alertmanager };
}

async function unpack(directory: string): Promise<void> {
    const scratch = mkdtempSync(path.join(os.tmpdir(), "tradestream-prometheus-"));
    const download = (): Promise<string> =>
        command("sh", "-c", 'cd "$1" && shift && exec apt-get download --quiet "$@"', "sh", scratch, ...packages);
    try {
        // An old or absent list of packages is the usual reason for a first failure.
        await download().catch(async () => {
            await attempt("apt-get", "update", "--quiet");
            await download();
        });
        const root = path.join(scratch, "root");
        const archives = readdirSync(scratch).filter((file) => file.endsWith(".deb"));
        for (const file of archives) await command("dpkg-deb", "--extract", path.join(scratch, file), root);
        mkdirSync(path.dirname(directory), { recursive: true });
        const moved = `${directory}.new`;
        rmSync(moved, { recursive: true, force: true });
        await command("cp", "--recursive", root, moved);
        renameSync(moved, directory);
    } finally {
        rmSync(scratch, { recursive: true });
    }
}
