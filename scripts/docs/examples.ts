/** Commands that show how each key of the configuration is set. A test runs them all on a real stack. */
export const examples: Readonly<Record<string, readonly string[]>> = {
    environment: ["pulumi config set environment staging"],
    namespace: ["pulumi config set namespace tradestream"],
    createNamespace: ["pulumi config set createNamespace false"],
    podSecurity: ["pulumi config set podSecurity baseline"],
    releaseName: ["pulumi config set releaseName my-tradestream"],
    kubeconfig: ["pulumi config set kubeconfig ~/.kube/production.yaml"],
    context: ["pulumi config set context production"],
    clusterUid: ["pulumi config set clusterUid 0e7c1e0a-5b8f-4d2c-9a54-3f1d6c7b8e90"],
    protect: ["pulumi config set protect false"],
    imageRegistry: ["pulumi config set imageRegistry registry.example.com/mirror"],
    imagePullSecrets: ["pulumi config set --path 'imagePullSecrets[0]' regcred"],
    priorityClassName: ["pulumi config set priorityClassName tradestream"],
    priorityClassValue: [
        "pulumi config set priorityClassName tradestream && pulumi config set priorityClassValue 100000",
    ],
    topologySpread: ["pulumi config set --path topologySpread.whenUnsatisfiable DoNotSchedule"],
    quota: ["pulumi config set --path quota.requests.cpu 8", "pulumi config set --path quota.limits.memory 16Gi"],
    limitRange: [
        "pulumi config set --path limitRange.defaultRequest.memory 64Mi",
        "pulumi config set --path limitRange.default.memory 256Mi",
    ],
    caBundle: ["pulumi config set --path caBundle.configMap.name company-authorities"],
    proxy: ["pulumi config set --path proxy.https http://10.20.0.5:3128"],
    networkPolicy: ["pulumi config set --path networkPolicy.ingressNamespace ingress-nginx"],
    exposure: ["pulumi config set exposure ingress"],
    gateway: [
        "pulumi config set exposure both && pulumi config set --path gateway.className traefik && " +
            `pulumi config set --path 'gateway.annotations["cert-manager.io/cluster-issuer"]' letsencrypt-prod`,
    ],
    gatewayApi: [
        "pulumi config set --path gatewayApi.image.tag v1.0.1",
        "pulumi config set --path gatewayApi.autoscaling.maxReplicas 12",
        "pulumi config set --path 'gatewayApi.cors.origins[3]' https://app.tradestream.io",
        `pulumi config set --path 'gatewayApi.ingress.annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"]' --type string 600`,
        "pulumi config set --path 'gatewayApi.tolerations[0].key' spot",
        `pulumi config set --path 'gatewayApi.serviceAccount.annotations["eks.amazonaws.com/role-arn"]' arn:aws:iam::123456789012:role/tradestream`,
        "pulumi config set --path gatewayApi.podLabels.team trading",
        "pulumi config set --path gatewayApi.paused true",
    ],
    agentDashboard: [
        "pulumi config set --path agentDashboard.containerPort 8080",
        "pulumi config set --path agentDashboard.replicaCount 3",
    ],
    notificationWorker: [
        "pulumi config set --path notificationWorker.schedule '*/10 * * * *'",
        "pulumi config set --path notificationWorker.suspend true",
    ],
    databaseMigration: ["pulumi config set --path databaseMigration.activeDeadlineSeconds 1200"],
    smokeTest: [
        "pulumi config set --path smokeTest.enabled true",
        "pulumi config set --path 'smokeTest.signIn[0]' google",
    ],
    postgresExporter: [
        "pulumi config set --path monitoring.enabled true && pulumi config set --path postgresExporter.enabled true",
    ],
    redisExporter: [
        "pulumi config set --path monitoring.enabled true && pulumi config set --path redisExporter.enabled true",
    ],
    authSecrets: ["pulumi config set --path authSecrets.create true"],
    oauthSecrets: ["pulumi config set --path oauthSecrets.create true"],
    notificationSecrets: ["pulumi config set --path notificationSecrets.create false"],
    loggingSecrets: ["pulumi config set --path loggingSecrets.create true"],
    jwtSecretVersion: ["pulumi config set jwtSecretVersion 2"],
    jwtSecretNext: ["pulumi config set jwtSecretNext true"],
    chart: [
        "pulumi config set --path chart.values.postgresql.primary.persistence.size 50Gi",
        "pulumi config set --path chart.timeoutSeconds 900",
    ],
    database: [
        "pulumi config set --path database.maxConnections 300",
        "pulumi config set --path database.roles.passwordVersion 2",
    ],
    backup: [
        "pulumi config set --path backup.retentionDays 35",
        "pulumi config set --path backup.schedule.full '0 3 * * 6'",
    ],
    redis: ["pulumi config set --path redis.auth.enabled true"],
    monitoring: [
        "pulumi config set --path monitoring.enabled true",
        "pulumi config set --path monitoring.labels.release kube-prometheus-stack",
        "pulumi config set --path monitoring.alertmanager alertmanager:9093",
        "pulumi config set --path monitoring.slo.availability 99.95",
        "pulumi config set --path monitoring.enabled true && pulumi config set --path monitoring.dashboards.enabled true",
        `pulumi config set --path monitoring.metrics.matchers 'handler!="/health"'`,
    ],
    logging: [
        "pulumi config set --path logging.enabled true && pulumi config set --path logging.endpoint https://loki.example.com/otlp",
        "pulumi config set --path logging.headers.X-Scope-OrgID tradestream",
    ],
    policy: ["pulumi config set --path policy.enforce true"],
    placeholderSecrets: [
        "pulumi preview --config-file one-run.yaml # placeholderSecrets: true in a copy; see secrets.md",
    ],
    resendApiKey: ["pulumi config set --secret resendApiKey"],
    imagePullSecret: ["pulumi config set --secret --path imagePullSecret.password"],
    chartSecrets: ["pulumi config set --secret --path chartSecrets.coinmarketcap.apiKey"],
};
