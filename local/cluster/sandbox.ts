/** The image of the process that holds a pod's namespaces, put together from one static program. */
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { command } from "./command.ts";
import { sandboxImage } from "./config/node.ts";

/** Calls `use` with an archive (as `docker save` writes) of the sandbox image made of `program`; removed afterwards. */
export async function withSandboxArchive(program: string, use: (archive: string) => Promise<void>): Promise<void> {
    const directory = mkdtempSync(path.join(os.tmpdir(), "tradestream-pause-"));
    try {
        const root = path.join(directory, "root");
        mkdirSync(root);
        copyFileSync(program, path.join(root, "pause"));
        const reproducible = ["--owner=0", "--group=0", "--numeric-owner", "--mode=755", "--mtime=@0", "--sort=name"];
        const layer = path.join(directory, "layer.tar");
        await command("tar", ...reproducible, "-C", root, "-cf", layer, "pause");
        const digest = createHash("sha256").update(readFileSync(layer)).digest("hex");
        const architecture = os.arch() === "x64" ? "amd64" : os.arch();
        const config = {
            architecture,
            os: "linux",
            config: { Entrypoint: ["/pause"], User: "65535:65535" },
            rootfs: { type: "layers", diff_ids: [`sha256:${digest}`] },
        };
        const manifest = [{ Config: "config.json", RepoTags: [sandboxImage], Layers: ["layer.tar"] }];
        writeFileSync(path.join(directory, "config.json"), JSON.stringify(config));
        writeFileSync(path.join(directory, "manifest.json"), JSON.stringify(manifest));
        const archive = path.join(directory, "image.tar");
        await command("tar", "-C", directory, "-cf", archive, "manifest.json", "config.json", "layer.tar");
        await use(archive);
    } finally {
        rmSync(directory, { recursive: true, force: true });
    }
}
