import { share } from "../model/budgets.ts";
import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const rollingUpdate = objectRule(
    {
        name: "rolling-update",
        title: "Updates replace pods one after the other",
        severity: "medium",
        why: "Recreate, or letting all pods go at once, makes every update an outage; OnDelete never updates by itself.",
        fix: "Use RollingUpdate with a maxUnavailable below all of them.",
        link: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ["Deployment", "StatefulSet", "DaemonSet"],
    },
    function* ({ object, view }) {
        const strategy = view.at("spec", object.kind === "Deployment" ? "strategy" : "updateStrategy");
        const type = strategy.at("type").string();
        if (type !== UNKNOWN && type !== undefined && type !== "RollingUpdate")
            yield finding(strategy.at("type"), "updates do not roll");
        const most = strategy.at("rollingUpdate", "maxUnavailable");
        const own = view.at("spec", "replicas").number();
        const gone = share(most, 100);
        const all = typeof most.raw === "string" ? 100 : own;
        if (typeof gone === "number" && typeof all === "number" && all > 1 && gone >= all)
            yield finding(most, "an update may take all pods at once");
    },
);
