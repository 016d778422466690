/** Programs of Debian's packages: what is missing is installed, or named with the command that installs it. */
import { existsSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import type { Report } from "./report.ts";

export interface Need {
    /** Debian's name of the package. */
    readonly package: string;
    /** A program that it brings, or the absolute path of another file of it. */
    readonly file: string;
}

const errorLines = 10;
/** Looked at beside the PATH: a user's PATH often leaves the administrator's programs out. */
const systemDirectories = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"];

/** Packages of which the needed file is missing. */
export function missingPackages(needs: readonly Need[]): string[] {
    const directories = [...(process.env["PATH"] ?? "").split(path.delimiter), ...systemDirectories];
    const isThere = ({ file }: Need): boolean =>
        path.isAbsolute(file) ? existsSync(file) : directories.some((place) => existsSync(path.join(place, file)));
    return [...new Set(needs.filter((need) => !isThere(need)).map((need) => need.package))];
}

/** Installs what is missing with apt-get. Throws with the command to type where that is not possible. */
export async function ensurePackages(needs: readonly Need[], report: Report): Promise<void> {
    const missing = missingPackages(needs);
    if (missing.length === 0) return;
    const byHand = `sudo apt-get install ${missing.join(" ")}`;
    if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
        throw new Error(`these packages are missing: ${missing.join(", ")}. Install them, on Debian: ${byHand}`);
    }
    await report.step(`Installing Debian packages: ${missing.join(", ")}`, async (note) => {
        const install = ["install", "--yes", "--no-install-recommends", ...missing];
        // An old or absent list of packages is the usual reason for a first failure.
        if ((await aptGet(install, note)).code === 0) return;
        await aptGet(["update"], note);
        const { code, errors } = await aptGet(install, note);
        if (code !== 0) throw new Error(`apt-get could not install them:\n${errors}\ntry: ${byHand}`);
    });
}

/** Another installation on the machine is waited for. Seconds. */
const waiting = ["-o", "DPkg::Lock::Timeout=300"];

async function aptGet(
    options: readonly string[],
    note: (text: string) => void,
): Promise<{ code: number | undefined; errors: string }> {
    const noted = function* (line: unknown) {
        note(String(line));
        yield line;
    };
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    const streams = { stdin: "ignore", stdout: noted } as const;
    const { exitCode, stderr } = await execa("apt-get", [...waiting, ...options], { env, ...streams, reject: false });
    return { code: exitCode, errors: stderr.split("\n").slice(-errorLines).join("\n") };
}
