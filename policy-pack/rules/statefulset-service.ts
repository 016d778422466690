import { relationFinding, stackRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const statefulsetService = stackRule(
    {
        name: "statefulset-service",
        title: "A StatefulSet has its headless Service",
        severity: "medium",
        why: "Without it the pods have no names of their own, which is what a StatefulSet is for.",
        fix: "Name a Service with clusterIP: None in serviceName.",
        link: "https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#limitations",
        levels: ["advisory", "mandatory", "mandatory"],
    },
    function* (world) {
        for (const workload of world.workloads(["StatefulSet"])) {
            const place = workload.view.at("spec", "serviceName");
            const name = place.string();
            if (name === UNKNOWN) continue;
            const service = name === undefined ? undefined : world.find("Service", workload.namespace, name);
            const address = service?.view.at("spec", "clusterIP").string();
            if (service === undefined) yield relationFinding(workload, place, "the stack has no such Service");
            else if (address !== "None" && address !== UNKNOWN)
                yield relationFinding(workload, place, `Service ${service.object.name} is not headless`);
        }
    },
);
