import { called, type Pod } from "./pods.ts";
import type { Read } from "./unknown.ts";
import type { View } from "./view.ts";

/** The parts of an image reference. */
export interface ImageReference {
    /** Registry host; `docker.io` where the reference names none. */
    readonly registry: string;
    /** Repository with its registry, as in `ghcr.io/acme/api`. */
    readonly repository: string;
    readonly tag: string | undefined;
    readonly digest: string | undefined;
}

/** A registry's host, perhaps an address of IPv6, with its port. */
const HOST = /^([a-zA-Z0-9][-.a-zA-Z0-9]*|\[[0-9a-fA-F:]+\])(:\d+)?$/;

/** A part of a repository's name, between slashes. */
const PART = /^[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*$/;

/** Takes an image reference apart; undefined when it is none. */
export function parseImage(reference: string): ImageReference | undefined {
    const match = /^([^@\s]+?)(?::([\w][\w.-]{0,127}))?(?:@([a-z0-9+._-]+:[0-9a-fA-F]{32,}))?$/.exec(reference);
    const [, path, tag, digest] = match ?? [];
    if (path === undefined) return undefined;
    const [host = "", ...rest] = path.split("/");
    const named = rest.length > 0 && (/[.:A-Z]/.test(host) || host === "localhost");
    const registry = named ? host : "docker.io";
    const name = named ? rest.join("/") : path;
    if ((named && !HOST.test(host)) || !name.split("/").every((part) => PART.test(part))) return undefined;
    const full = registry === "docker.io" && !name.includes("/") ? `library/${name}` : name;
    return { registry, repository: `${registry}/${full}`, tag, digest };
}

/** An image that a pod uses. */
export interface UsedImage {
    readonly place: View;
    /** When it is pulled. */
    readonly policy: View;
    /** For messages: `container "api"`, `volume "model"`. */
    readonly user: string;
}

/** The images of all containers of a pod, and those that it mounts as volumes. */
export function imagesOf(pod: Pod): readonly UsedImage[] {
    const volumes = pod.spec.at("volumes").items();
    const isFilled = (image: Read<string>): boolean =>
        pod.hasParameters === true && (image === undefined || (typeof image === "string" && /\$\(|\{\{/.test(image)));
    return [
        ...pod.containers
            .map((container) => ({
                place: container.view.at("image"),
                policy: container.view.at("imagePullPolicy"),
                user: called(container),
            }))
            .filter(({ place }) => !isFilled(place.string())),
        ...volumes
            .filter((volume) => !volume.at("image").missing)
            .map((volume) => ({
                place: volume.at("image", "reference"),
                policy: volume.at("image", "pullPolicy"),
                user: `volume "${String(volume.at("name").string())}"`,
            })),
    ];
}
