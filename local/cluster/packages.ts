/** Programs of the machine's own packages that a node needs: what is missing is installed, or named. */
import { existsSync } from "node:fs";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import path from "node:path";
import type { Report } from "../report.ts";

interface Need {
    /** Debian's name. */
    readonly package: string;
    /** A program that the package brings. */
    readonly program: string;
}

const directories = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/lib/cni"];

const forAll: readonly Need[] = [
    { package: "openssl", program: "openssl" },
    { package: "util-linux", program: "setpriv" },
];

const forNodes: readonly Need[] = [
    { package: "util-linux", program: "nsenter" },
    { package: "iproute2", program: "ip" },
    { package: "nftables", program: "nft" },
    { package: "runc", program: "runc" },
    { package: "containernetworking-plugins", program: "ptp" },
];

/** Packages of which a needed program is missing. */
export function missingPackages(simulated: boolean): string[] {
    const needs = simulated ? forAll : [...forAll, ...forNodes];
    const missing = needs.filter(({ program }) => !directories.some((place) => existsSync(path.join(place, program))));
    return [...new Set(missing.map((need) => need.package))];
}

/** Installs what is missing with apt-get. Throws with the command to type where that is not possible. */
export async function ensurePackages(simulated: boolean, report: Report): Promise<void> {
    const missing = missingPackages(simulated);
    if (missing.length === 0) return;
    const byHand = `sudo apt-get install ${missing.join(" ")}`;
    if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
        throw new Error(`these packages are missing: ${missing.join(", ")}. Install them, on Debian: ${byHand}`);
    }
    await report.step(`Installing Debian packages: ${missing.join(", ")}`, async (note) => {
        const install = ["install", "--yes", "--no-install-recommends", ...missing];
        // A list of packages that is missing or old is the usual reason for a first failure.
        if ((await aptGet(install, note)) === 0) return;
        await aptGet(["update"], note);
        if ((await aptGet(install, note)) !== 0) throw new Error(`apt-get could not install them; try: ${byHand}`);
    });
}

async function aptGet(options: readonly string[], note: (text: string) => void): Promise<number | null> {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const child = spawn("apt-get", options, { env, stdio: ["ignore", "pipe", "ignore"] });
    createInterface({ input: child.stdout }).on("line", note);
    return new Promise((resolve, reject) => {
        child.once("error", reject);
        child.once("close", resolve);
    });
}
