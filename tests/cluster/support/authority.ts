/** An authority for the length of a test, which signs certificates of the stack's PostgreSQL. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { command } from "../../../local/cluster/command.ts";

const host = "tradestream-postgresql";

export class Authority {
    readonly #home = mkdtempSync(path.join(os.tmpdir(), "tradestream-authority-"));

    /** Data of a Secret with another key and certificate, and the authority, which stays the same. */
    async certificate(): Promise<Readonly<Record<"ca.crt" | "tls.crt" | "tls.key", string>>> {
        const at = (file: string): string => path.join(this.#home, file);
        const files = (name: string): string[] => ["-keyout", at(`${name}.key`), "-out", at(`${name}.crt`)];
        const make = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"];
        if (!readdirSync(this.#home).includes("ca.crt"))
            await command("openssl", ...make, "-subj", "/CN=authority", ...files("ca"));
        const names = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`];
        await command("openssl", ...make, "-CA", at("ca.crt"), "-CAkey", at("ca.key"), ...names, ...files("tls"));
        const content = (file: string): string => readFileSync(at(file)).toString("base64");
        return { "ca.crt": content("ca.crt"), "tls.crt": content("tls.crt"), "tls.key": content("tls.key") };
    }

    close(): void {
        rmSync(this.#home, { recursive: true });
    }
}
