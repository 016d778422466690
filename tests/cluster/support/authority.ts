/** An authority for the length of a test, which signs certificates of servers and of roles in PostgreSQL. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { command } from "../../../local/cluster/command.ts";

export class Authority {
    readonly #home = mkdtempSync(path.join(os.tmpdir(), "tradestream-authority-"));

    readonly #hosts: readonly string[];

    /** @param hosts of the server. Default: the stack's PostgreSQL */
    constructor(hosts: readonly string[] = ["tradestream-postgresql"]) {
        this.#hosts = hosts;
    }

    /**
     * Data of a Secret with another key and certificate, and the authority, which stays the same.
     * @param role that the certificate is of. Default: it is the server's
     */
    async certificate(role?: string): Promise<Readonly<Record<"ca.crt" | "tls.crt" | "tls.key", string>>> {
        const name = role ?? "server";
        const at = (file: string): string => path.join(this.#home, file);
        const files = (file: string): string[] => ["-keyout", at(`${file}.key`), "-out", at(`${file}.crt`)];
        const make = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"];
        if (!readdirSync(this.#home).includes("ca.crt"))
            await command("openssl", ...make, "-subj", "/CN=authority", ...files("ca"));
        const alternatives = this.#hosts.map((host) => `DNS:${host}`).join();
        const names = ["-subj", `/CN=${name}`];
        if (role === undefined) names.push("-addext", `subjectAltName=${alternatives}`);
        await command("openssl", ...make, "-CA", at("ca.crt"), "-CAkey", at("ca.key"), ...names, ...files(name));
        const content = (file: string): string => readFileSync(at(file)).toString("base64");
        return { "ca.crt": content("ca.crt"), "tls.crt": content(`${name}.crt`), "tls.key": content(`${name}.key`) };
    }

    close(): void {
        rmSync(this.#home, { recursive: true });
    }
}
