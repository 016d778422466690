/** A headless browser: what a page shows to somebody who trusts an authority. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { command } from "../../../local/cluster/command.ts";
import { ensurePackages } from "../../../local/debian.ts";
import { createReport } from "../../../local/report.ts";

/** Debian packages of the browser. */
export const browserNeeds = [
    { package: "chromium-headless-shell", file: "chromium-headless-shell" },
    { package: "libnss3-tools", file: "certutil" },
] as const;

/**
 * The document that the browser ends up with. It is empty where the browser shows an error instead.
 * @param address Where the hosts of the domain `test` are.
 * @param authority A file with a certificate to trust, as a user imports it. Default: none.
 */
export async function documentAt(url: string, address: string, authority?: string): Promise<string> {
    await ensurePackages(browserNeeds, createReport());
    const home = mkdtempSync(path.join(os.tmpdir(), "tradestream-browser-"));
    try {
        if (authority !== undefined) {
            const database = path.join(home, ".pki/nssdb");
            mkdirSync(database, { recursive: true });
            const into = ["-d", `sql:${database}`];
            await command("certutil", "-N", "--empty-password", ...into);
            await command("certutil", "-A", ...into, "-n", "authority", "-t", "C,,", "-i", authority);
        }
        const profile = ["--no-sandbox", "--disable-gpu", `--user-data-dir=${path.join(home, "profile")}`];
        const options = [...profile, `--host-resolver-rules=MAP *.test ${address}`, "--dump-dom", url];
        const env = { ...process.env, HOME: home };
        const { stdout } = await promisify(execFile)(browserNeeds[0].file, options, { env, timeout: 60_000 });
        return stdout;
    } catch (error) {
        // Newer versions end with 1 where they show this error; any other is one of the test.
        if (/Page load failed: net::ERR_CERT_AUTHORITY_INVALID/.test((error as { stderr?: string }).stderr ?? ""))
            return "";
        throw error;
    } finally {
        rmSync(home, { recursive: true });
    }
}
