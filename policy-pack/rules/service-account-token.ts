import { relationFinding, stackRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const serviceAccountToken = stackRule(
    {
        name: "service-account-token",
        title: "No pod holds a token to the API server that it did not ask for",
        severity: "medium",
        why: "Whoever gets into the pod can talk to the API server in its name.",
        fix: "Set automountServiceAccountToken: false on the pod, or exempt a pod that talks to the API server.",
        link: "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",
        levels: ["advisory", "mandatory", "mandatory"],
    },
    function* (world) {
        for (const workload of world.workloads()) {
            const place = workload.pod.spec.at("automountServiceAccountToken");
            const mounted = place.boolean();
            if (mounted === UNKNOWN || mounted === false) continue;
            const account = workload.pod.spec.at("serviceAccountName").string() ?? "default";
            if (mounted === undefined) {
                if (account === UNKNOWN) continue;
                const given = world.find("ServiceAccount", workload.namespace, account);
                const theirs = given?.view.at("automountServiceAccountToken").boolean();
                if (theirs === false || theirs === UNKNOWN) continue;
            }
            yield relationFinding(workload, place, "the pod mounts the token of its service account");
        }
    },
);
