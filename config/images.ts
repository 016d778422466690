/** Where images come from. */
import { hasRegistry } from "./formats.ts";
import type { Settings } from "./schema.ts";
import { type ServiceKey, serviceKeys } from "./services/index.ts";

/** The settings with a registry before each service's repository that names none. */
export function imagesFrom<T extends Pick<Settings, ServiceKey>>(registry: string | undefined, settings: T): T {
    if (registry === undefined) return settings;
    const services = serviceKeys.map((key) => {
        const { image } = settings[key];
        const repository = hasRegistry(image.repository) ? image.repository : `${registry}/${image.repository}`;
        return [key, { ...settings[key], image: { ...image, repository } }] as const;
    });
    return { ...settings, ...(Object.fromEntries(services) as Pick<Settings, ServiceKey>) };
}
