/** What the Go module of Pulumi's Kubernetes provider lacks for a build: the official release process generates it. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Download } from "./catalogue.ts";

/** The official release that the pinned commit of the provider's module belongs to. */
export const providerVersion = "v4.25.0";

const providerModule = "github.com/pulumi/pulumi-kubernetes/provider/v4";
const sdkModule = "github.com/pulumi/pulumi-kubernetes/sdk/v4";

/**
 * Writes the schema that the main package embeds, and copies the few packages of the Go SDK that the provider uses. The
 * whole SDK has a package for each API group, whose Go types take three quarters of the build and are not used.
 */
export async function prepareProvider(directory: string, download: Download): Promise<void> {
    const pinned = readFileSync(path.join(directory, "go.mod"), "utf8");
    const versionOf = (module: string): string => new RegExp(`${module} (v\\S+)`).exec(pinned)![1]!;

    const provider = await download(`${providerModule}@${versionOf(providerModule)}`);
    const schemaFile = path.join(provider, "cmd/pulumi-resource-kubernetes/schema.json");
    const schema = JSON.parse(readFileSync(schemaFile, "utf8")) as object;
    const embedded = JSON.stringify({ ...schema, version: providerVersion.slice(1) });
    writeFileSync(path.join(directory, "schema-embed.json"), embedded);

    const sdk = path.join(await download(`${sdkModule}@${versionOf(sdkModule)}`), "go/kubernetes");
    const copy = path.join(directory, "sdk/go/kubernetes");
    const files = readdirSync(sdk).filter((name) => name.endsWith(".go"));
    for (const name of [...files, "utilities", "helm/v4"]) {
        mkdirSync(path.dirname(path.join(copy, name)), { recursive: true });
        // Files of the module cache are read-only; the copies have to be removable.
        cpSync(path.join(sdk, name), path.join(copy, name), { recursive: true, mode: 0 });
    }
}
