/** Rules over several keys. Each returns the faults that it finds; none changes anything. */
import { vapidKeysMatch } from "./vapid.ts";
import { shortestPeriodSeconds } from "./cron.ts";
import { type Fault, remove, set, setSecret } from "./faults.ts";
import { quantity } from "./quantity.ts";
import type { Settings } from "./schema.ts";
import { type PlainSecrets, type SecretOwner, secretOwners } from "./secrets.ts";

interface Options {
    readonly placeholders: boolean;
}

type Rule = (settings: Settings, secrets: PlainSecrets, options: Options) => readonly Fault[];

/** All faults of a configuration whose single values are right. */
export function checkRules(settings: Settings, secrets: PlainSecrets, options: Options): readonly Fault[] {
    return rules.flatMap((rule) => rule(settings, secrets, options));
}

const webServices = ["gatewayApi", "agentDashboard"] as const;
const workloads = [...webServices, "notificationWorker", "databaseMigration"] as const;

const requestsWithinLimits: Rule = (settings) =>
    workloads.flatMap((workload) =>
        (["cpu", "memory", "ephemeral-storage"] as const).flatMap((resource) => {
            const { requests, limits } = settings[workload].resources;
            return quantity(requests[resource]) <= quantity(limits[resource])
                ? []
                : fault(
                      `${workload}.resources.requests.${resource}`,
                      `is ${requests[resource]}, more than the limit of ${limits[resource]}`,
                      set(`${workload}.resources.limits.${resource}`, requests[resource]),
                  );
        }),
    );

const autoscalingRange: Rule = (settings) =>
    webServices.flatMap((service) => {
        const { minReplicas, maxReplicas } = settings[service].autoscaling;
        return minReplicas <= maxReplicas
            ? []
            : fault(
                  `${service}.autoscaling.minReplicas`,
                  `is ${minReplicas}, more than maxReplicas (${maxReplicas})`,
                  set(`${service}.autoscaling.maxReplicas`, minReplicas),
              );
    });

/** One pod more than the most runs during a rolling update (maxSurge 1). */
const connectionsSuffice: Rule = ({ gatewayApi, database }, secrets) => {
    if (secrets.databaseUrl !== undefined || !gatewayApi.enabled) {
        return [];
    }
    const { autoscaling, replicaCount } = gatewayApi;
    const pods = (autoscaling.enabled ? autoscaling.maxReplicas : replicaCount) + 1;
    const needed = gatewayApi.database.poolSize * pods;
    const available = database.maxConnections - database.reservedConnections;
    return needed <= available
        ? []
        : fault(
              "gatewayApi.database.poolSize",
              `is ${gatewayApi.database.poolSize}: ${pods} pods (one of them during an update) would open ${needed} connections, ` +
                  `and database.maxConnections less database.reservedConnections leaves ${available}`,
              set("database.maxConnections", needed + database.reservedConnections),
          );
};

const ingressIsComplete: Rule = (settings) =>
    webServices.flatMap((service) => {
        const { enabled, ingress } = settings[service];
        if (!enabled || !ingress.enabled) {
            return [];
        }
        const key = `${service}.ingress`;
        if (ingress.hosts.length === 0) {
            return fault(`${key}.hosts`, "is empty, and the Ingress is enabled", set(`${key}.hosts[0].host`, "<host>"));
        }
        const covered = new Set(ingress.tls.flatMap((entry) => entry.hosts));
        return ingress.hosts.flatMap(({ host }, index) =>
            covered.has(host)
                ? []
                : fault(
                      `${key}.hosts[${index}].host`,
                      `is ${host}, which no entry of ${key}.tls covers`,
                      set(`${key}.tls[0].hosts[${index}]`, host),
                  ),
        );
    });

const hostsAreDistinct: Rule = ({ gatewayApi, agentDashboard }) => {
    const taken = new Set(gatewayApi.ingress.enabled ? gatewayApi.ingress.hosts.map(({ host }) => host) : []);
    return (agentDashboard.ingress.enabled ? agentDashboard.ingress.hosts : []).flatMap(({ host, paths }, index) =>
        taken.has(host) && paths.some(({ path }) => path === "/")
            ? fault(
                  `agentDashboard.ingress.hosts[${index}].host`,
                  `is ${host}, which gatewayApi.ingress serves already`,
                  set(`agentDashboard.ingress.hosts[${index}].host`, "<host>"),
              )
            : [],
    );
};

const releaseNameFits: Rule = ({ releaseName }) =>
    releaseName.includes("tradestream")
        ? []
        : fault(
              "releaseName",
              `is ${releaseName}: it must contain "tradestream", or the chart would look for its own services under another name`,
              set("releaseName", `${releaseName}-tradestream`),
          );

const vapidKeysBelongTogether: Rule = (_settings, { vapidPrivateKey, vapidPublicKey }) => {
    if (vapidPrivateKey !== undefined && vapidPublicKey !== undefined) {
        return vapidKeysMatch({ privateKey: vapidPrivateKey, publicKey: vapidPublicKey })
            ? []
            : fault("vapidPublicKey", "does not belong to vapidPrivateKey", setSecret("vapidPublicKey"));
    }
    const missing = vapidPrivateKey === undefined ? "vapidPrivateKey" : "vapidPublicKey";
    return (vapidPrivateKey ?? vapidPublicKey) === undefined
        ? []
        : fault(missing, "is missing: set both VAPID keys, or neither to have a pair generated", setSecret(missing));
};

const secretsAreGiven: Rule = (settings, secrets, { placeholders }) =>
    (Object.keys(secretOwners) as SecretOwner[]).flatMap((owner) => {
        const { required, optional } = secretOwners[owner];
        if (settings[owner].create) {
            return required
                .filter((key) => secrets[key] === undefined && !placeholders)
                .flatMap((key) => fault(key, `is missing: ${owner}.create is true`, setSecret(key)));
        }
        return [...required, ...optional]
            .filter((key) => secrets[key] !== undefined)
            .flatMap((key) => fault(key, `is set, but ${owner}.create is false, so it would not be used`, remove(key)));
    });

const placeholdersOnlyInPreviews: Rule = ({ placeholderSecrets }, _secrets, { placeholders }) =>
    placeholderSecrets && !placeholders
        ? fault(
              "placeholderSecrets",
              "is true: placeholders are for previews and are never deployed",
              remove("placeholderSecrets"),
          )
        : [];

const telegramIsComplete: Rule = ({ notificationWorker, notificationSecrets }, { telegramBotToken }) =>
    notificationWorker.telegramChatId !== undefined && notificationSecrets.create && telegramBotToken === undefined
        ? fault(
              "telegramBotToken",
              "is missing: notificationWorker.telegramChatId is set",
              setSecret("telegramBotToken"),
          )
        : [];

const chartHasOneSource: Rule = ({ chart }) => {
    const sources = (["path", "repository", "oci"] as const).filter((source) => chart[source] !== undefined);
    if (sources.length > 1) {
        return fault("chart", `names ${sources.join(" and ")}: a chart has one source`, remove(`chart.${sources[1]}`));
    }
    const needs = { path: [], repository: ["name", "version"], oci: ["version"] } as const;
    return sources.flatMap((source) =>
        needs[source]
            .filter((key) => chart[key] === undefined)
            .flatMap((key) =>
                fault(`chart.${key}`, `is missing: chart.${source} needs it`, set(`chart.${key}`, `<${key}>`)),
            ),
    );
};

/** The Secrets that the published chart expects before it is installed (field notes, "The published TradeStream chart"). */
const publishedChartSecrets = { coinmarketcap: "apiKey", "influxdb-admin-secret": "admin-token" } as const;

const chartSecretsExist: Rule = ({ chart }, { chartSecrets }) => {
    const published = chart.name === "tradestream" || /\/tradestream$/.test(chart.oci ?? "");
    return (published ? Object.entries(publishedChartSecrets) : [])
        .filter(([name]) => chartSecrets[name] === undefined && !chart.existingSecrets.includes(name))
        .flatMap(([name, key]) =>
            fault(
                `chartSecrets.${name}`,
                "is missing: the chart needs this Secret; give its keys, or name it in chart.existingSecrets",
                `pulumi config set --secret --path chartSecrets.${name}.${key}`,
            ),
        );
};

/** Values that would make the chart deploy what the program deploys. */
const ownedByProgram = [
    "gatewayApi",
    "agentDashboard",
    "notificationWorker",
    "authSecrets",
    "oauthSecrets",
    "notificationSecrets",
];

const chartLeavesServicesAlone: Rule = ({ chart }) =>
    ownedByProgram
        .filter((key) => key in chart.values)
        .flatMap((key) =>
            fault(
                `chart.values.${key}`,
                `belongs to the program: set ${key} beside chart instead`,
                remove(`chart.values.${key}`),
            ),
        );

const workerEndsBeforeNextRun: Rule = ({ notificationWorker }) => {
    const period = shortestPeriodSeconds(notificationWorker.schedule) ?? Infinity;
    return notificationWorker.activeDeadlineSeconds < period
        ? []
        : fault(
              "notificationWorker.activeDeadlineSeconds",
              `is ${notificationWorker.activeDeadlineSeconds}, and the schedule starts a run every ${period} s: a hung run would block the next`,
              set("notificationWorker.activeDeadlineSeconds", Math.max(1, period - 60)),
          );
};

const graceCoversSleep: Rule = (settings) =>
    webServices.flatMap((service) => {
        const { preStopSleepSeconds, terminationGracePeriodSeconds } = settings[service];
        return preStopSleepSeconds < terminationGracePeriodSeconds
            ? []
            : fault(
                  `${service}.terminationGracePeriodSeconds`,
                  `is ${terminationGracePeriodSeconds}, and preStopSleepSeconds takes all of it`,
                  set(`${service}.terminationGracePeriodSeconds`, preStopSleepSeconds + 30),
              );
    });

const nobodyIsCutOff: Rule = (settings) =>
    settings.networkPolicy.defaultDeny
        ? ([...webServices, "notificationWorker"] as const)
              .filter((workload) => settings[workload].enabled && !settings[workload].networkPolicy.enabled)
              .flatMap((workload) =>
                  fault(
                      `${workload}.networkPolicy.enabled`,
                      "is false, and networkPolicy.defaultDeny would cut the pods off",
                      set(`${workload}.networkPolicy.enabled`, true),
                  ),
              )
        : [];

/** Variables that the program sets itself. */
const ownVariables =
    /^(DATABASE_URL|DATABASE_POOL_SIZE|REDIS_URL|JWT_(SECRET|PREVIOUS_SECRET|ALGORITHM)|GOOGLE_CLIENT_(ID|SECRET)|GITHUB_CLIENT_(ID|SECRET)|RESEND_API_KEY|API_URL|FRONTEND_URL|CORS_ORIGINS|RATE_LIMIT_PER_MINUTE|VAPID_\w+|TELEGRAM_\w+)$/;

const variablesAreFree: Rule = (settings) =>
    workloads.flatMap((workload) =>
        Object.keys(settings[workload].env)
            .filter((name) => ownVariables.test(name))
            .flatMap((name) =>
                fault(
                    `${workload}.env.${name}`,
                    "is a variable that the program sets itself",
                    remove(`${workload}.env.${name}`),
                ),
            ),
    );

const imagesAreFixed: Rule = (settings) =>
    settings.environment === "local"
        ? []
        : workloads
              .filter((workload) => settings[workload].enabled)
              .filter(
                  (workload) =>
                      settings[workload].image.tag === "latest" && settings[workload].image.digest === undefined,
              )
              .flatMap((workload) =>
                  fault(
                      `${workload}.image.tag`,
                      "is latest: name a version, or pin a digest",
                      set(`${workload}.image.tag`, "<tag>"),
                  ),
              );

const addressesAreEncrypted: Rule = ({ environment, gatewayApi }) =>
    environment === "local"
        ? []
        : (["api", "frontend"] as const)
              .filter((name) => gatewayApi.urls[name].startsWith("http:"))
              .flatMap((name) =>
                  fault(
                      `gatewayApi.urls.${name}`,
                      `is ${gatewayApi.urls[name]}: ${environment} needs https`,
                      set(`gatewayApi.urls.${name}`, gatewayApi.urls[name].replace("http:", "https:")),
                  ),
              );

const productionIsRedundant: Rule = (settings) =>
    settings.environment !== "production"
        ? []
        : webServices
              .filter((service) => settings[service].enabled)
              .flatMap((service) => {
                  const { autoscaling, replicaCount } = settings[service];
                  const [key, pods] = autoscaling.enabled
                      ? ["autoscaling.minReplicas", autoscaling.minReplicas]
                      : ["replicaCount", replicaCount];
                  return Number(pods) >= 2
                      ? []
                      : fault(
                            `${service}.${key}`,
                            `is ${pods}: production needs 2 or more`,
                            set(`${service}.${key}`, 2),
                        );
              });

const productionIsClosed: Rule = ({ environment, networkPolicy }) =>
    environment === "production" && !networkPolicy.defaultDeny
        ? fault(
              "networkPolicy.defaultDeny",
              "is false: production refuses traffic that no policy allows",
              set("networkPolicy.defaultDeny", true),
          )
        : [];

const rules: readonly Rule[] = [
    releaseNameFits,
    requestsWithinLimits,
    autoscalingRange,
    connectionsSuffice,
    ingressIsComplete,
    hostsAreDistinct,
    vapidKeysBelongTogether,
    secretsAreGiven,
    placeholdersOnlyInPreviews,
    telegramIsComplete,
    chartHasOneSource,
    chartSecretsExist,
    chartLeavesServicesAlone,
    workerEndsBeforeNextRun,
    graceCoversSleep,
    nobodyIsCutOff,
    variablesAreFree,
    imagesAreFixed,
    addressesAreEncrypted,
    productionIsRedundant,
    productionIsClosed,
];

function fault(key: string, problem: string, remedy: string): readonly Fault[] {
    return [{ key, problem, remedy }];
}
