/** The parts of an image reference. */
export interface ImageReference {
    /** Registry host; `docker.io` where the reference names none. */
    readonly registry: string;
    /** Repository with its registry, as in `ghcr.io/acme/api`. */
    readonly repository: string;
    readonly tag: string | undefined;
    readonly digest: string | undefined;
}

/** Takes an image reference apart; undefined when it is none. */
export function parseImage(reference: string): ImageReference | undefined {
    const match = /^([^@\s]+?)(?::([\w][\w.-]{0,127}))?(?:@([a-z0-9+._-]+:[0-9a-fA-F]{32,}))?$/.exec(reference);
    const [, path, tag, digest] = match ?? [];
    if (path === undefined) return undefined;
    const [host = "", ...rest] = path.split("/");
    const named = rest.length > 0 && (/[.:]/.test(host) || host === "localhost");
    const registry = named ? host : "docker.io";
    const name = named ? rest.join("/") : path;
    const full = registry === "docker.io" && !name.includes("/") ? `library/${name}` : name;
    return { registry, repository: `${registry}/${full}`, tag, digest };
}
