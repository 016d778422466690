/** TradeStream on Kubernetes: reads the stack's configuration, composes the components, exports how to reach them. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { AgentDashboard } from "./components/AgentDashboard.ts";
import { BackupRepository } from "./components/BackupRepository.ts";
import { DatabaseBackup } from "./components/DatabaseBackup.ts";
import { DatabaseCertificate } from "./components/DatabaseCertificate.ts";
import { loginsOf } from "./components/databaseLogins.ts";
import { DatabaseMigration } from "./components/DatabaseMigration.ts";
import { DatabaseSecrets } from "./components/DatabaseSecrets.ts";
import { collectInto, DestroyGuard } from "./components/DestroyGuard.ts";
import { GatewayApi } from "./components/GatewayApi.ts";
import { shipLogs } from "./components/logShipping.ts";
import { Monitoring } from "./components/Monitoring.ts";
import { NotificationWorker } from "./components/NotificationWorker.ts";
import { ofAllPods, PodDefaults } from "./components/PodDefaults.ts";
import { toRepository } from "./components/pgbackrest.ts";
import { checkPreconditions } from "./components/preconditions.ts";
import { serviceSecrets } from "./components/serviceSecrets.ts";
import { SmokeTest, smokeTestComponent } from "./components/SmokeTest.ts";
import { targetsOf } from "./components/smokeTestChecks.ts";
import { StackGateway } from "./components/StackGateway.ts";
import { TradeStreamChart } from "./components/TradeStreamChart.ts";
import { TradeStreamNamespace } from "./components/TradeStreamNamespace.ts";
import { loadConfig } from "./config/index.ts";
import { Guard } from "./policy-pack/guard.ts";

const system = "tradestream";
const config = loadConfig();
const { secrets, protect } = config;

const cluster = new kubernetes.Provider("cluster", {
    ...(config.kubeconfig !== undefined && { kubeconfig: config.kubeconfig }),
    ...(config.context !== undefined && { context: config.context }),
    // New credentials for the same cluster are no reason to replace everything (pulumi-kubernetes#4019).
    clusterIdentifier: `${config.project}-${config.stack}`,
    // Without these a changed Secret is replaced: pods miss it meanwhile, and a protected one cannot change.
    enableSecretMutable: true,
    enableConfigMapMutable: true,
});
const databaseFiles = await checkPreconditions(config, cluster);
const guard = new Guard({
    ...config.policy,
    target: { stack: config.stack, environment: config.environment },
    namespace: config.namespace,
    sourceOf: config.sourceOf,
});
const deployed: pulumi.Resource[] = [cluster];
const inCluster = { provider: cluster, transformations: [guard.transformation, collectInto(deployed)] };

const { namespace } = new TradeStreamNamespace(
    "namespace",
    {
        system,
        name: config.namespace,
        releaseName: config.releaseName,
        create: config.createNamespace,
        podSecurity: config.podSecurity,
        defaultDeny: config.networkPolicy.defaultDeny,
        ...(config.hasCertificates && { solverIngressNamespace: config.networkPolicy.ingressNamespace }),
        limits: { quota: config.quota, limitRange: config.limitRange },
        protect,
    },
    inCluster,
);
const { platform } = new PodDefaults(
    "pod-defaults",
    {
        platform: { system, namespace, releaseName: config.releaseName },
        ...ofAllPods(config),
        priorityClass: { name: config.priorityClassName, value: config.priorityClassValue },
        caBundle: config.caBundle,
    },
    inCluster,
);

const checksum = new random.RandomPassword("checksum-key", { length: 64, special: false });
const checksumKey = checksum.result;
const { databaseUrl, redisUrl, postgresPassword, redisPassword } = secrets;
const servers = { databaseUrl, redisUrl, postgresPassword, redisPassword, redisAuth: config.redis.auth.enabled };
const { backup, databaseImage, external, ownRoles } = config;
const logins = loginsOf(config);
const certificate =
    config.databaseTls &&
    new DatabaseCertificate("database-certificate", { platform, ...config.databaseTls, ...logins }, inCluster);
const tls = certificate?.forClients;
const databaseName = config.database.name;
const databaseSecrets = new DatabaseSecrets(
    "database-secrets",
    { platform, checksumKey, databaseName, ...servers, databaseUrls: secrets.databaseUrls, ...logins, tls, protect },
    inCluster,
);
const { auth, oauth, notification } = serviceSecrets(config, { platform, checksumKey }, inCluster);

const repository =
    backup.enabled && databaseFiles !== undefined
        ? new BackupRepository(
              "backup-secrets",
              {
                  platform,
                  checksumKey,
                  config: backup,
                  namespace: config.namespace,
                  dataDirectory: databaseFiles.directory,
                  passphrase: secrets.backupPassphrase,
                  accessKey: secrets.backupAccessKey,
                  secretKey: secrets.backupSecretKey,
              },
              inCluster,
          )
        : undefined;

const chart = new TradeStreamChart(
    "chart",
    {
        platform,
        ...config.chart,
        imageRegistry: config.imageRegistry,
        databaseName,
        maxConnections: config.database.maxConnections,
        postgresPassword: databaseSecrets.postgresPassword,
        externalRedis: external.redis !== undefined,
        redisPassword: databaseSecrets.redisPassword,
        passwordChecksum: databaseSecrets.redisChecksum,
        databaseTls: certificate?.forServer,
        ...(repository && {
            backup: {
                ...repository.objects,
                claim: backup.volume?.claimName,
                archiveTimeoutSeconds: backup.archiveTimeoutSeconds,
                egress: toRepository(backup),
            },
        }),
        secrets: secrets.chartSecrets,
        networkPolicies: config.networkPolicy.defaultDeny,
        protect,
    },
    inCluster,
);

if (repository !== undefined && databaseImage !== undefined) {
    new DatabaseBackup(
        "backup",
        {
            platform,
            config: backup,
            image: databaseImage,
            repository: repository.objects,
            tls,
            networkPolicy: config.networkPolicy.defaultDeny,
        },
        { ...inCluster, dependsOn: chart },
    );
}

const migration = config.databaseMigration.enabled
    ? new DatabaseMigration(
          "database-migration",
          {
              platform,
              config: config.databaseMigration,
              databaseSecrets,
              roles: ownRoles && databaseImage ? { image: databaseImage, databaseName } : undefined,
              external,
              networkPolicy: config.networkPolicy.defaultDeny,
          },
          { ...inCluster, dependsOn: chart },
      )
    : undefined;
const databaseIsReady = { ...inCluster, dependsOn: migration ?? chart };

const { ingress, ownGateway, existingGateway } = config.exposure;
const gateway = ownGateway && new StackGateway("gateway", { platform, ...ownGateway }, inCluster);
const exposure = { ingress, gateway: gateway?.target ?? existingGateway };

const clients = config.smokeTest.enabled ? [smokeTestComponent] : [];
const gatewayApi = config.gatewayApi.enabled
    ? new GatewayApi(
          "gateway-api",
          {
              platform,
              config: config.gatewayApi,
              secrets: { auth, oauth, database: databaseSecrets },
              external,
              exposure,
              clients,
              scrapeAnnotations: !(config.monitoring.enabled && config.monitoring.form === "operator"),
              ...config.networkPolicy,
          },
          databaseIsReady,
      )
    : undefined;

const agentDashboard = config.agentDashboard.enabled
    ? new AgentDashboard(
          "agent-dashboard",
          {
              platform,
              config: config.agentDashboard,
              gatewayPort: config.gatewayApi.containerPort,
              exposure,
              clients,
              ...config.networkPolicy,
          },
          inCluster,
      )
    : undefined;

const notificationWorker = config.notificationWorker.enabled
    ? new NotificationWorker(
          "notification-worker",
          {
              platform,
              config: config.notificationWorker,
              secrets: { auth, notification, database: databaseSecrets },
              external,
          },
          databaseIsReady,
      )
    : undefined;

if (config.smokeTest.enabled) {
    new SmokeTest(
        "smoke-test",
        {
            platform,
            config: config.smokeTest,
            targets: targetsOf(platform, config),
            tested: [config.gatewayApi, config.agentDashboard, config.databaseMigration, config.chart.source],
            secrets: { "auth-secrets": auth, "oauth-secrets": oauth, "database-secrets": databaseSecrets },
            ingressNamespace: config.networkPolicy.ingressNamespace,
            networkPolicy: config.networkPolicy.defaultDeny,
        },
        {
            ...inCluster,
            dependsOn: [gatewayApi, agentDashboard, notificationWorker].filter((each) => each !== undefined),
        },
    );
}

if (config.monitoring.enabled) {
    const watch = { platform, namespace: config.namespace, config: config.monitoring, watched: config.watched };
    new Monitoring(
        "monitoring",
        {
            ...watch,
            metricsPath: config.gatewayApi.metrics.path,
            exporters: { postgresExporter: config.postgresExporter, redisExporter: config.redisExporter },
            database: databaseSecrets,
            external,
            monitoringNamespace: config.networkPolicy.monitoringNamespace,
        },
        inCluster,
    );
    if (config.monitoring.dashboards.enabled) {
        // Loaded where it is needed: Grafana's library takes a while.
        const { Dashboards } = await import("./components/Dashboards.ts");
        new Dashboards("dashboards", watch, inCluster);
    }
}

shipLogs(system, config, checksumKey, inCluster);

guard.check();
new DestroyGuard("destroy-guard", { resources: [checksum, ...deployed], protect });

export { databaseFiles, namespace };
const { port } = config.agentDashboard.service;
/** Name and port of each Service. */
export const services = {
    gatewayApi: gatewayApi && { name: gatewayApi.service.metadata.name, port: config.gatewayApi.service.port },
    agentDashboard: agentDashboard && { name: agentDashboard.service.metadata.name, port },
};
export const cronJob = notificationWorker?.cronJob.metadata.name;
/** Public addresses. */
export const urls = config.gatewayApi.urls;
/** Names of the Secrets that the pods read; not what is in them. */
export const secretNames = pulumi.all({
    auth: auth.secretName,
    oauth: oauth.secretName,
    notification: notification.secretName,
    database: databaseSecrets.secretName,
});
