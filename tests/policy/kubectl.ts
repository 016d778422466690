/** How kubectl reads manifests, without a cluster. */
import { spawnSync } from "node:child_process";

/** The objects of a file as kubectl reads them; `undefined` where it refuses the file. */
export function readByKubectl(kubectl: string, file: string): readonly unknown[] | undefined {
    const args = ["annotate", "--local", "--filename", file, "--output", "json", "read=yes"];
    const { status, stdout } = spawnSync(kubectl, args, { encoding: "utf8" });
    if (status !== 0) return undefined;
    return stdout
        .split(/^(?=\{$)/m)
        .filter((text) => text.trim() !== "")
        .map((text) => plain(JSON.parse(text)));
}

/** An object without the annotation that kubectl was asked to add. */
export function plain(object: unknown): unknown {
    const copy = structuredClone(object) as { metadata?: { annotations?: Record<string, string> } };
    delete copy.metadata?.annotations?.["read"];
    if (Object.keys(copy.metadata?.annotations ?? {}).length === 0) delete copy.metadata?.annotations;
    return copy;
}
