import { namespaceOf } from "../model/object.ts";
import { relationFinding, stackRule } from "../model/rule.ts";
import { serves } from "../model/services.ts";
import type { Subject } from "../model/subject.ts";
import { UNKNOWN } from "../model/unknown.ts";
import type { View } from "../model/view.ts";

export const ingressBackend = stackRule(
    {
        name: "ingress-backend",
        title: "An Ingress sends to Services of the stack",
        severity: "high",
        why: "The controller answers 503 for a Service or port that is not there.",
        fix: "Name a Service of the same namespace and one of its ports.",
        link: "https://kubernetes.io/docs/concepts/services-networking/ingress/",
        levels: ["advisory", "mandatory", "mandatory"],
    },
    function* (world) {
        for (const ingress of world.all("Ingress"))
            for (const backend of backends(ingress)) {
                const old = backend.at("service").missing;
                const name = old ? backend.at("serviceName") : backend.at("service", "name");
                const text = name.string();
                if (text === UNKNOWN || (old && name.missing) || isAction(ingress, backend)) continue;
                const service = world.find("Service", namespaceOf(ingress.object), text ?? "");
                if (service === undefined) yield relationFinding(ingress, name, "the stack has no such Service");
                else {
                    const port = old ? backend.at("servicePort") : portOf(backend);
                    if (!serves(service, port)) yield relationFinding(ingress, port, "the Service has no such port");
                }
            }
    },
);

/** The AWS Load Balancer Controller takes actions, such as a redirect, from an annotation: no Service is meant. */
function isAction({ view }: Subject, backend: View): boolean {
    const name = backend.at("service", "name").string();
    if (typeof name !== "string" || backend.at("service", "port", "name").string() !== "use-annotation") return false;
    return !view.at("metadata", "annotations", `alb.ingress.kubernetes.io/actions.${name}`).missing;
}

function backends({ view }: Subject): readonly View[] {
    const paths = view
        .at("spec", "rules")
        .items()
        .flatMap((rule) => rule.at("http", "paths").items());
    const spec = view.at("spec");
    const all = [...paths.map((path) => path.at("backend")), spec.at("defaultBackend"), spec.at("backend")];
    return all.filter((backend) => !backend.missing && !backend.unknown);
}

function portOf(backend: View): View {
    const port = backend.at("service", "port");
    return port.at("name").missing ? port.at("number") : port.at("name");
}
