/** Names of the Secrets that the program, its chart and cert-manager make; the release's name comes before each. */
export const secretNames = {
    auth: "auth-secrets",
    oauth: "oauth-secrets",
    notification: "notification-secrets",
    logging: "logging-secrets",
    database: "database-secrets",
    backup: "backup-secrets",
    imagePull: "image-pull-secret",
    postgresql: "postgresql",
    redis: "redis",
    databaseServer: "postgresql-tls",
    databaseAuthority: "database-ca",
} as const;

/** What the name of a database client's Secret begins with. */
export const databaseClientPrefix = "database-client-";
