/** Rules over the pods of one workload. */
import { set } from "../errors/commands.ts";
import { quantity } from "../quantity.ts";
import {
    cronJobs,
    isolatedServices,
    type ServiceKey,
    serviceKeys,
    type ServiceKeyOf,
    webServices,
} from "../services/index.ts";
import { endsBeforeNext } from "./deadline.ts";
import { invalid, type Rule, valid } from "./rule.ts";

const requestWithinLimit =
    (service: ServiceKey, resource: "cpu" | "memory" | "ephemeral-storage"): Rule =>
    ({ settings }) => {
        const { requests, limits } = settings[service].resources;
        return quantity(requests[resource]) <= quantity(limits[resource])
            ? valid
            : invalid(
                  `${service}.resources.requests.${resource}`,
                  `is ${requests[resource]}, more than the limit of ${limits[resource]}`,
                  set(`${service}.resources.limits.${resource}`, requests[resource]),
              );
    };

const imageIsFixed =
    (service: ServiceKey): Rule =>
    ({ settings }) => {
        const { enabled, image } = settings[service];
        const fixed = image.tag !== "latest" || image.digest !== undefined;
        return fixed || !enabled || settings.environment === "local"
            ? valid
            : invalid(
                  `${service}.image.tag`,
                  "is latest: name a version, or pin a digest",
                  set(`${service}.image.tag`, "<tag>"),
              );
    };

const graceCoversSleep =
    (service: ServiceKeyOf<"web">): Rule =>
    ({ settings }) => {
        const { preStopSleepSeconds, terminationGracePeriodSeconds } = settings[service];
        return preStopSleepSeconds < terminationGracePeriodSeconds
            ? valid
            : invalid(
                  `${service}.terminationGracePeriodSeconds`,
                  `is ${terminationGracePeriodSeconds}, and preStopSleepSeconds (${preStopSleepSeconds}) uses all of it`,
                  set(`${service}.terminationGracePeriodSeconds`, preStopSleepSeconds + 30),
              );
    };

const networkPolicyNotDisabled =
    (service: (typeof isolatedServices)[number]): Rule =>
    ({ settings }) => {
        const { enabled, networkPolicy } = settings[service];
        return !settings.networkPolicy.defaultDeny || !enabled || networkPolicy.enabled
            ? valid
            : invalid(
                  `${service}.networkPolicy.enabled`,
                  "is false, and networkPolicy.defaultDeny would block all traffic of the pods",
                  set(`${service}.networkPolicy.enabled`, true),
              );
    };

const runEndsBeforeNext =
    (service: ServiceKeyOf<"cronJob">): Rule =>
    ({ settings }) => {
        const { activeDeadlineSeconds, schedule } = settings[service];
        return endsBeforeNext(service, activeDeadlineSeconds, [schedule]);
    };

export const workloadRules: readonly Rule[] = [
    ...serviceKeys.flatMap((service) => [
        requestWithinLimit(service, "cpu"),
        requestWithinLimit(service, "memory"),
        requestWithinLimit(service, "ephemeral-storage"),
        imageIsFixed(service),
    ]),
    ...webServices.map(graceCoversSleep),
    ...isolatedServices.map(networkPolicyNotDisabled),
    ...cronJobs.map(runEndsBeforeNext),
];
