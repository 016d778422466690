/** Rules for production. */
import { keyPath, set, setSecret } from "../errors/commands.ts";
import { type ServiceKeyOf, webServices } from "../services/index.ts";
import { valueAt } from "../values.ts";
import { invalid, type Rule, valid } from "./rule.ts";

const isRedundant =
    (service: ServiceKeyOf<"web">): Rule =>
    ({ settings }) => {
        const { enabled, autoscaling, replicaCount } = settings[service];
        const [name, pods] = autoscaling.enabled
            ? (["autoscaling.minReplicas", autoscaling.minReplicas] as const)
            : (["replicaCount", replicaCount] as const);
        return settings.environment !== "production" || !enabled || pods >= 2
            ? valid
            : invalid(`${service}.${name}`, `is ${pods}: production needs 2 or more`, set(`${service}.${name}`, 2));
    };

const isClosed: Rule = ({ settings: { environment, networkPolicy } }) =>
    environment === "production" && !networkPolicy.defaultDeny
        ? invalid(
              "networkPolicy.defaultDeny",
              "is false: production must deny traffic that no policy allows",
              set("networkPolicy.defaultDeny", true),
          )
        : valid;

/** In an emptyDir the data would be gone with the pod. */
const dataIsKept: Rule = ({ settings: { environment, chart } }) => {
    const path = ["postgresql", "primary", "persistence", "enabled"];
    const key = keyPath(["chart", "values", ...path]);
    return environment === "production" && valueAt(chart.values, path) === false
        ? invalid(key, "is false: production must keep its data when the pod goes", set(key, true))
        : valid;
};

/** Without these modes a server, or somebody between, decides whether the connection is encrypted. */
const databaseIsEncrypted: Rule = ({ settings: { environment }, secrets: { databaseUrl } }) => {
    const mode = databaseUrl === undefined ? null : new URL(databaseUrl).searchParams.get("sslmode");
    return environment === "production" && ["disable", "allow", "prefer"].includes(mode ?? "")
        ? invalid(
              "databaseUrl",
              "has a weak sslmode: production needs require, verify-ca or verify-full",
              setSecret("databaseUrl"),
          )
        : valid;
};

export const productionRules: readonly Rule[] = [
    ...webServices.map(isRedundant),
    isClosed,
    dataIsKept,
    databaseIsEncrypted,
];
