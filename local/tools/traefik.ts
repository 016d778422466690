/** What Traefik's build leaves out: its own ACME client has nearly 200 DNS services, most of the build, and is not used. */
import { cpSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Download } from "./catalogue.ts";

const lego = "github.com/go-acme/lego/v5";

/** The packages of lego that Traefik uses; `providers/dns`, which names all services, is one of this repository. */
const used = ["acme", "certcrypto", "certificate", "challenge", "internal", "log", "platform", "registration", "lego"];

/** Completes `lego/`, which replaces the module of that name. */
export async function prepareTraefik(directory: string, download: Download): Promise<void> {
    const version = new RegExp(`${lego} (v\\S+)`).exec(readFileSync(path.join(directory, "go.mod"), "utf8"))![1]!;
    const source = await download(`${lego}@${version}`);
    for (const name of used) {
        // Files of the module cache are read-only; the copies have to be removable.
        cpSync(path.join(source, name), path.join(directory, "lego", name), { recursive: true, mode: 0 });
    }
}
