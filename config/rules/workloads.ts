/** Rules over the pods of one workload. */
import { remove, set } from "../errors/commands.ts";
import { shortestPeriodSeconds } from "../cron.ts";
import { quantity } from "../quantity.ts";
import { fault, fine, type Rule, webServices, type WebServiceKey, type WorkloadKey, workloads } from "./rule.ts";

/** Variables that the program sets itself. */
export const ownVariables: Readonly<Record<WorkloadKey, readonly string[]>> = {
    gatewayApi: [
        "DATABASE_URL",
        "DATABASE_POOL_SIZE",
        "REDIS_URL",
        "JWT_SECRET",
        "JWT_PREVIOUS_SECRET",
        "JWT_ALGORITHM",
        "GOOGLE_CLIENT_ID",
        "GOOGLE_CLIENT_SECRET",
        "GITHUB_CLIENT_ID",
        "GITHUB_CLIENT_SECRET",
        "RESEND_API_KEY",
        "API_URL",
        "FRONTEND_URL",
        "CORS_ORIGINS",
        "RATE_LIMIT_PER_MINUTE",
    ],
    agentDashboard: [],
    notificationWorker: [
        "DATABASE_URL",
        "REDIS_URL",
        "VAPID_PRIVATE_KEY",
        "VAPID_PUBLIC_KEY",
        "VAPID_SUBJECT",
        "TELEGRAM_BOT_TOKEN",
        "TELEGRAM_CHAT_ID",
        "RESEND_API_KEY",
    ],
    databaseMigration: ["DATABASE_URL"],
};

const requestWithinLimit =
    (workload: WorkloadKey, resource: "cpu" | "memory" | "ephemeral-storage"): Rule =>
    ({ settings }) => {
        const { requests, limits } = settings[workload].resources;
        return quantity(requests[resource]) <= quantity(limits[resource])
            ? fine
            : fault(
                  `${workload}.resources.requests.${resource}`,
                  `is ${requests[resource]}, more than the limit of ${limits[resource]}`,
                  set(`${workload}.resources.limits.${resource}`, requests[resource]),
              );
    };

const variablesAreFree =
    (workload: WorkloadKey): Rule =>
    ({ settings }) =>
        Object.keys(settings[workload].env)
            .filter((name) => ownVariables[workload].includes(name))
            .flatMap((name) => {
                const key = `${workload}.env.${name}`;
                return fault(key, "is a variable that the program sets itself", remove(key));
            });

const imageIsFixed =
    (workload: WorkloadKey): Rule =>
    ({ settings }) => {
        const { enabled, image } = settings[workload];
        const fixed = image.tag !== "latest" || image.digest !== undefined;
        return fixed || !enabled || settings.environment === "local"
            ? fine
            : fault(
                  `${workload}.image.tag`,
                  "is latest: name a version, or pin a digest",
                  set(`${workload}.image.tag`, "<tag>"),
              );
    };

const graceCoversSleep =
    (service: WebServiceKey): Rule =>
    ({ settings }) => {
        const { preStopSleepSeconds, terminationGracePeriodSeconds } = settings[service];
        return preStopSleepSeconds < terminationGracePeriodSeconds
            ? fine
            : fault(
                  `${service}.terminationGracePeriodSeconds`,
                  `is ${terminationGracePeriodSeconds}, and preStopSleepSeconds (${preStopSleepSeconds}) takes all of it`,
                  set(`${service}.terminationGracePeriodSeconds`, preStopSleepSeconds + 30),
              );
    };

const nobodyIsCutOff =
    (workload: WebServiceKey | "notificationWorker"): Rule =>
    ({ settings }) => {
        const { enabled, networkPolicy } = settings[workload];
        return !settings.networkPolicy.defaultDeny || !enabled || networkPolicy.enabled
            ? fine
            : fault(
                  `${workload}.networkPolicy.enabled`,
                  "is false, and networkPolicy.defaultDeny would cut the pods off",
                  set(`${workload}.networkPolicy.enabled`, true),
              );
    };

const workerEndsBeforeNextRun: Rule = ({ settings: { notificationWorker } }) => {
    const { activeDeadlineSeconds, schedule } = notificationWorker;
    const period = shortestPeriodSeconds(schedule) ?? Infinity;
    const margin = 0.8;
    return activeDeadlineSeconds < period
        ? fine
        : fault(
              "notificationWorker.activeDeadlineSeconds",
              `is ${activeDeadlineSeconds}, and the schedule ${schedule} starts a run every ${period} s: ` +
                  "a hung run would block the next",
              set("notificationWorker.activeDeadlineSeconds", Math.floor(period * margin)),
          );
};

export const workloadRules: readonly Rule[] = [
    ...workloads.flatMap((workload) => [
        requestWithinLimit(workload, "cpu"),
        requestWithinLimit(workload, "memory"),
        requestWithinLimit(workload, "ephemeral-storage"),
        variablesAreFree(workload),
        imageIsFixed(workload),
    ]),
    ...webServices.map(graceCoversSleep),
    ...[...webServices, "notificationWorker" as const].map(nobodyIsCutOff),
    workerEndsBeforeNextRun,
];
