/** Probes of a container: over HTTP, by a command, or by opening a TCP port. */
import type { types } from "@pulumi/kubernetes";

/** When a probe runs; times in seconds. */
interface Timings {
    readonly initialDelaySeconds: number;
    readonly periodSeconds: number;
    readonly timeoutSeconds: number;
    readonly failureThreshold: number;
}

/** GET of a path; 2xx and 3xx succeed. */
export interface HttpProbe extends Timings {
    readonly path: string;
    /** Name or number of the port. Default: the port named `http`. */
    readonly port?: string | number;
}

/** A command in the container; exit code 0 succeeds. */
export interface ExecProbe extends Timings {
    readonly command: readonly string[];
}

/** A TCP connection to a port, by name or number. */
export interface TcpProbe extends Timings {
    readonly tcpPort: string | number;
}

export type ProbeConfig = HttpProbe | ExecProbe | TcpProbe;

export interface Probes {
    /** Restarts the container when it fails. */
    readonly liveness?: ProbeConfig;
    /** Takes the pod out of its Services when it fails. */
    readonly readiness?: ProbeConfig;
    /** Holds the other two back until it succeeds. */
    readonly startup?: ProbeConfig;
}

/** Probes as fields of a container; an absent one is left out. */
export function containerProbes({
    liveness,
    readiness,
    startup,
}: Probes): Pick<types.input.core.v1.Container, "livenessProbe" | "readinessProbe" | "startupProbe"> {
    return {
        ...(liveness !== undefined && { livenessProbe: probe(liveness) }),
        ...(readiness !== undefined && { readinessProbe: probe(readiness) }),
        ...(startup !== undefined && { startupProbe: probe(startup) }),
    };
}

function probe(config: ProbeConfig): types.input.core.v1.Probe {
    if ("command" in config) {
        const { command, ...timings } = config;
        return { exec: { command: [...command] }, ...timings };
    }
    if ("tcpPort" in config) {
        const { tcpPort, ...timings } = config;
        return { tcpSocket: { port: tcpPort }, ...timings };
    }
    const { path, port = "http", ...timings } = config;
    return { httpGet: { path, port }, ...timings };
}
