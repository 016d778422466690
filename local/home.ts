/**
 * Where everything that this machine keeps for TradeStream lives: built tools, clusters, images, stack states.
 * It is outside the work tree, so that a clean checkout finds what an earlier one has built.
 */
import os from "node:os";
import path from "node:path";

/** The root directory: `$TRADESTREAM_HOME`, else `~/.tradestream`. An absolute path. */
export function home(): string {
    return path.resolve(process.env["TRADESTREAM_HOME"] || path.join(os.homedir(), ".tradestream"));
}

/** Programs built from the pinned Go modules, one directory per build key. */
export function toolsHome(): string {
    return path.join(home(), "tools");
}

/** Container images as archives, named by what they were made of. */
export function imagesHome(): string {
    return path.join(home(), "images");
}

/** Everything of one local cluster: kubeconfig, certificates, logs, etcd's data, volumes. */
export function clusterHome(cluster: string): string {
    return path.join(home(), "clusters", cluster);
}

/** Pulumi's CLI where it is installed or built here, and the `file://` backends of the stacks of this machine. */
export function pulumiHome(): string {
    return path.join(home(), "pulumi");
}

/** What Node.js keeps of compiled modules, so that programs start faster. Only its owner may write what is run from here. */
export function compileCacheHome(): string {
    return path.join(home(), "compiled");
}
