/** Rules over the number of pods. */
import { set } from "../errors/commands.ts";
import { quantity } from "../quantity.ts";
import { type ServiceKeyOf, webServices } from "../services/index.ts";
import { invalid, type Rule, valid } from "./rule.ts";

const autoscalerHasRange =
    (service: ServiceKeyOf<"web">): Rule =>
    ({ settings }) => {
        const { enabled, minReplicas, maxReplicas } = settings[service].autoscaling;
        return !enabled || minReplicas <= maxReplicas
            ? valid
            : invalid(
                  `${service}.autoscaling.minReplicas`,
                  `is ${minReplicas}, more than maxReplicas (${maxReplicas})`,
                  set(`${service}.autoscaling.maxReplicas`, minReplicas),
              );
    };

/** The autoscaler measures usage in percent of the request; usage never exceeds the limit. */
const autoscalerCanAct =
    (
        service: ServiceKeyOf<"web">,
        resource: "cpu" | "memory",
        name: "targetCPUUtilization" | "targetMemoryUtilization",
    ): Rule =>
    ({ settings }) => {
        const { autoscaling, resources } = settings[service];
        const [request, limit] = [quantity(resources.requests[resource]), quantity(resources.limits[resource])];
        const requestKey = `${service}.resources.requests.${resource}`;
        if (autoscaling.enabled && request === 0) {
            const problem = "is 0: the autoscaler compares the usage with the request";
            return invalid(
                requestKey,
                problem,
                set(requestKey, limit > 0 ? resources.limits[resource] : `<${resource}>`),
            );
        }
        return !autoscaling.enabled || request > limit || (request * autoscaling[name]) / 100 < limit
            ? valid
            : invalid(
                  `${service}.autoscaling.${name}`,
                  `is ${autoscaling[name]}: that percentage of the request (${resources.requests[resource]}) is not below ` +
                      `the limit (${resources.limits[resource]}), so the autoscaler would never add a pod`,
                  set(`${service}.autoscaling.${name}`, Math.max(1, Math.floor((limit / request) * 80))),
              );
    };

/** During a rolling update one pod more runs than the maximum (maxSurge 1). */
const connectionsSuffice: Rule = ({ settings: { gatewayApi, database }, secrets }) => {
    if (secrets.databaseUrl !== undefined || !gatewayApi.enabled) {
        return valid;
    }
    const { autoscaling, replicaCount } = gatewayApi;
    const { poolSize } = gatewayApi.database;
    const pods = (autoscaling.enabled ? autoscaling.maxReplicas : replicaCount) + 1;
    const needed = poolSize * pods;
    const available = database.maxConnections - database.reservedConnections;
    return needed <= available
        ? valid
        : invalid(
              "gatewayApi.database.poolSize",
              `is ${poolSize}: ${pods} pods (one of them during an update) would open ${needed} connections, and ` +
                  `database.maxConnections less database.reservedConnections leaves ${Math.max(0, available)}`,
              set("database.maxConnections", needed + database.reservedConnections),
          );
};

export const scaleRules: readonly Rule[] = [
    ...webServices.flatMap((service) => [
        autoscalerHasRange(service),
        autoscalerCanAct(service, "cpu", "targetCPUUtilization"),
        autoscalerCanAct(service, "memory", "targetMemoryUtilization"),
    ]),
    connectionsSuffice,
];
