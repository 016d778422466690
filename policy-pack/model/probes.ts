/** The probes of a container. */
export const PROBES = ["livenessProbe", "readinessProbe", "startupProbe"] as const;

/** The ways in which a probe can ask. */
export const HANDLERS = ["httpGet", "tcpSocket", "grpc", "exec"] as const;
