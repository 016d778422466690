/** Where images come from. */
import { hasRegistry } from "./formats.ts";
import type { Settings } from "./schema.ts";
import { type ServiceKey, serviceKeys } from "./services/index.ts";

/** The settings with a registry before each image that names none. */
export function imagesFrom<T extends Pick<Settings, ServiceKey | "logging">>(
    registry: string | undefined,
    settings: T,
): T {
    if (registry === undefined) return settings;
    const placed = (image: string): string => (hasRegistry(image) ? image : `${registry}/${image}`);
    const services = serviceKeys.map((key) => {
        const { image, initContainers, sidecars } = settings[key];
        const containers = Object.fromEntries(
            Object.entries({ initContainers, sidecars }).map(([name, list]) => [
                name,
                list?.map((container) => ({ ...container, image: placed(container.image) })),
            ]),
        );
        return [
            key,
            { ...settings[key], image: { ...image, repository: placed(image.repository) }, ...containers },
        ] as const;
    });
    const { logging } = settings;
    return {
        ...settings,
        ...(Object.fromEntries(services) as Pick<Settings, ServiceKey>),
        logging: { ...logging, image: { ...logging.image, repository: placed(logging.image.repository) } },
    };
}
