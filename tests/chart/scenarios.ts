/** Values for the tests, from the least to the most. */
import { minimal, password } from "./helm.ts";

const pod = {
    podAnnotations: { note: "x" },
    podLabels: { team: "data" },
    priorityClassName: "important",
    nodeSelector: { disk: "ssd" },
    tolerations: [{ key: "database", operator: "Exists" }],
    affinity: {
        podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
                { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { team: "data" } } },
            ],
        },
    },
    topologySpreadConstraints: [
        {
            maxSkew: 1,
            topologyKey: "topology.kubernetes.io/zone",
            whenUnsatisfiable: "ScheduleAnyway",
            labelSelector: { matchLabels: { team: "data" } },
        },
    ],
    persistence: { storageClass: "fast", annotations: { backup: "daily" } },
    podSecurityContext: { runAsUser: 20001, runAsGroup: 20002, fsGroup: 20003 },
};

/** Every optional value used. */
export const everything = {
    postgresql: {
        image: { pullSecrets: ["registry"], digest: `sha256:${"a".repeat(64)}` },
        auth: { postgresPassword: password, username: "admin", database: "main" },
        primary: { ...pod, settings: { shared_buffers: "256MB" }, livenessProbe: { initialDelaySeconds: 5 } },
    },
    redis: {
        image: { pullSecrets: ["registry"] },
        auth: { enabled: true, password },
        master: pod,
    },
};

/** The ways of rendering whose pods must all be restricted. */
export const scenarios = {
    "as it comes": minimal,
    "with everything": everything,
    "without volumes": {
        postgresql: { ...minimal.postgresql, primary: { persistence: { enabled: false } } },
        redis: { master: { persistence: { enabled: false } } },
    },
    "with backups": {
        postgresql: {
            ...minimal.postgresql,
            backup: { enabled: true, existingConfigMap: "config", existingSecret: "keys", existingClaim: "repository" },
        },
    },
    "with TLS": { postgresql: { ...minimal.postgresql, tls: { enabled: true, existingSecret: "certificate" } } },
    "with Secrets made elsewhere": {
        postgresql: { auth: { existingSecret: "one" } },
        redis: { auth: { enabled: true, existingSecret: "two" } },
    },
};
