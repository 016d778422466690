import { ROUTE_KINDS } from "../model/gateways.ts";
import { namespaceOf } from "../model/object.ts";
import { relationFinding, stackRule } from "../model/rule.ts";
import { serves } from "../model/services.ts";
import type { View } from "../model/view.ts";

export const routeBackend = stackRule(
    {
        name: "route-backend",
        title: "A route of the Gateway API sends to Services of the stack",
        severity: "high",
        why: "The Gateway answers 500 for a Service or port that is not there.",
        fix: "Name a Service of the same namespace and one of its ports.",
        link: "https://gateway-api.sigs.k8s.io/api-types/httproute/#backendrefs-optional",
        levels: ["advisory", "mandatory", "mandatory"],
    },
    function* (world) {
        for (const route of ROUTE_KINDS.flatMap((kind) => world.all(kind)))
            for (const backend of backends(route.view)) {
                const own = namespaceOf(route.object);
                const namespace = backend.at("namespace").string() ?? own;
                const name = backend.at("name").string();
                if (typeof namespace !== "string" || typeof name !== "string") continue;
                const service = world.find("Service", namespace, name);
                // What is in another namespace may belong to another stack.
                if (service === undefined && namespace === own)
                    yield relationFinding(route, backend.at("name"), "the stack has no such Service");
                else if (service !== undefined && !serves(service, backend.at("port")))
                    yield relationFinding(route, backend.at("port"), "the Service has no such port");
            }
    },
);

/** The Services among the backends; other kinds are the implementation's own. */
function backends(route: View): readonly View[] {
    const all = route
        .at("spec", "rules")
        .items()
        .flatMap((rule) => [
            ...rule.at("backendRefs").items(),
            ...rule
                .at("filters")
                .items()
                .map((filter) => filter.at("requestMirror", "backendRef")),
        ]);
    return all.filter(
        (it) =>
            !it.missing &&
            (it.at("group").string() ?? "") === "" &&
            (it.at("kind").string() ?? "Service") === "Service",
    );
}
