/** Container images as files: layers made of directories, and OCI image layouts in a tar, which `ctr` imports. */
import { createHash } from "node:crypto";
import { createReadStream, linkSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import type { ImageConfig } from "./catalogue.ts";
import { command } from "./command.ts";

interface Descriptor {
    readonly mediaType: string;
    readonly digest: string;
    readonly size: number;
    readonly annotations?: Readonly<Record<string, string>>;
}

/** Same content, same bytes: no times, owners or order of this machine. Needs GNU tar. */
const reproducible = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--format=gnu"];

/** Packs a directory as a layer. */
export async function packDirectory(directory: string, output: string): Promise<void> {
    await command("tar", [...reproducible, "-C", directory, "-cf", output, "."]);
}

/** The architecture of images made here, by its Go name. Throws on one that nothing here was made for. */
export function architecture(): string {
    const names: Partial<Record<NodeJS.Architecture, string>> = { x64: "amd64", arm64: "arm64" };
    const name = names[process.arch];
    if (!name) throw new Error(`images can be built on x64 and arm64 machines, this one is ${process.arch}`);
    return name;
}

/**
 * Writes one image as an archive.
 *
 * @param reference full name with tag; it is what the image is called after an import, unchanged
 * @param layers uncompressed tar files, lowest first: importing then takes no time for unpacking
 * @param scratch an empty place on the same file system as the layers (they are linked, not copied)
 */
export async function writeArchive(
    reference: string,
    config: ImageConfig,
    layers: readonly string[],
    output: string,
    scratch: string,
): Promise<void> {
    rmSync(scratch, { recursive: true, force: true });
    const blobs = path.join(scratch, "blobs", "sha256");
    mkdirSync(blobs, { recursive: true });
    const layerBlobs: Descriptor[] = [];
    for (const layer of layers) {
        const digest = await sha256(layer);
        linkSync(layer, path.join(blobs, digest));
        layerBlobs.push(descriptor("application/vnd.oci.image.layer.v1.tar", digest, statSync(layer).size));
    }
    const addJson = (mediaType: string, content: object): Descriptor => {
        const text = JSON.stringify(content);
        const digest = createHash("sha256").update(text).digest("hex");
        writeFileSync(path.join(blobs, digest), text);
        return descriptor(mediaType, digest, Buffer.byteLength(text));
    };
    const imageConfig = addJson("application/vnd.oci.image.config.v1+json", {
        architecture: architecture(),
        os: "linux",
        config,
        rootfs: { type: "layers", diff_ids: layerBlobs.map((layer) => layer.digest) },
    });
    const manifest = addJson("application/vnd.oci.image.manifest.v1+json", {
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        config: imageConfig,
        layers: layerBlobs,
    });
    const annotations = {
        "io.containerd.image.name": reference,
        "org.opencontainers.image.ref.name": reference.slice(reference.lastIndexOf(":") + 1),
    };
    writeFileSync(path.join(scratch, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
    writeFileSync(
        path.join(scratch, "index.json"),
        JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }),
    );
    await packDirectory(scratch, output);
}

function descriptor(mediaType: string, digest: string, size: number): Descriptor {
    return { mediaType, digest: `sha256:${digest}`, size };
}

async function sha256(file: string): Promise<string> {
    const hash = createHash("sha256");
    await pipeline(createReadStream(file), hash);
    return hash.digest("hex");
}
