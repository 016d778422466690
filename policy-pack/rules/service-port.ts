import { namespaceOf } from "../model/object.ts";
import { hasPort, podPorts } from "../model/pods.ts";
import { relationFinding, stackRule } from "../model/rule.ts";
import { equalitySelector, selectsAll } from "../model/selectors.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const servicePort = stackRule(
    {
        name: "service-port",
        title: "A Service sends to ports that its pods declare",
        severity: "high",
        why: "A name that no container declares leads nowhere; a number is a typo, or hides a port from all who read.",
        fix: "Let targetPort be the name or number of a port of the containers, and declare that port.",
        link: "https://kubernetes.io/docs/concepts/services-networking/service/",
        levels: ["advisory", "mandatory", "mandatory"],
    },
    function* (world) {
        for (const service of world.all("Service")) {
            const selector = equalitySelector(service.view.at("spec", "selector"));
            if (selector === UNKNOWN || selector === undefined || selectsAll(selector)) continue;
            for (const { object, pod } of world.select(namespaceOf(service.object), selector).sure) {
                const ports = podPorts(pod);
                if (ports === UNKNOWN || ports === undefined) continue;
                for (const port of service.view.at("spec", "ports").items()) {
                    const place = port.at(port.at("targetPort").missing ? "port" : "targetPort");
                    const target = place.scalar();
                    const protocol = port.at("protocol").string() ?? "TCP";
                    if (target === UNKNOWN || target === undefined || protocol === UNKNOWN) continue;
                    if (!hasPort(ports, target, protocol))
                        yield relationFinding(service, place, `${object.kind} ${object.name} declares no such port`);
                }
            }
        }
    },
);
