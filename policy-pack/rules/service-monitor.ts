import { namespaceOf } from "../model/object.ts";
import { relationFinding, stackRule } from "../model/rule.ts";
import type { Subject } from "../model/subject.ts";
import { labelSelector, selects } from "../model/selectors.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const serviceMonitor = stackRule(
    {
        name: "service-monitor",
        title: "A ServiceMonitor selects Services of the stack",
        severity: "low",
        why: "Metrics are missing, and the alert that would say so is too.",
        fix: "Let its selector fit the labels of the Service that serves the metrics.",
        link: "https://prometheus-operator.dev/docs/developer/getting-started/",
        levels: ["disabled", "advisory", "mandatory"],
    },
    function* (world) {
        const services = world.all("Service");
        for (const monitor of world.all("ServiceMonitor")) {
            const place = monitor.view.at("spec", "selector");
            const selector = labelSelector(place);
            if (selector === UNKNOWN || monitor.view.at("spec", "namespaceSelector").unknown) continue;
            if (seesCluster(monitor)) continue;
            const near = services.filter((service) => sees(monitor, service));
            const found = near.some((service) => {
                const labels = service.view.at("metadata", "labels").stringMap();
                return labels === UNKNOWN || selects(selector ?? { requirements: [] }, labels ?? new Map()) !== false;
            });
            if (!found) yield relationFinding(monitor, place, "it selects no Service of the stack");
        }
    },
);

/** Services that the cluster or an operator makes, for the API server and the kubelets, are in no stack. */
function seesCluster(monitor: Subject): boolean {
    const names = monitor.view.at("spec", "namespaceSelector", "matchNames").items();
    return names.some((name) => ["default", "kube-system"].includes(String(name.string())));
}

function sees(monitor: Subject, service: Subject): boolean {
    const names = monitor.view.at("spec", "namespaceSelector", "matchNames").items();
    if (monitor.view.at("spec", "namespaceSelector", "any").boolean() === true) return true;
    const namespace = namespaceOf(service.object);
    if (names.length === 0) return namespace === namespaceOf(monitor.object);
    return names.some((name) => name.string() === namespace);
}
