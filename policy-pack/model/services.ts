import type { Subject } from "./subject.ts";
import { UNKNOWN } from "./unknown.ts";
import type { View } from "./view.ts";

/** Whether a Service has a port of this name or number, or may have it. */
export function serves(service: Subject, wanted: View): boolean {
    const port = wanted.scalar();
    const ports = service.view.at("spec", "ports");
    if (port === UNKNOWN || ports.unknown || service.view.at("spec", "type").string() === "ExternalName") return true;
    return ports.items().some((item) => {
        const [name, number] = [item.at("name").string(), item.at("port").number()];
        return name === UNKNOWN || number === UNKNOWN || name === port || number === port || String(number) === port;
    });
}
