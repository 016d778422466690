/** Probes over HTTP. */
import type { types } from "@pulumi/kubernetes";

/** A probe as in the configuration, in seconds. */
export interface ProbeConfig {
    readonly path: string;
    readonly initialDelaySeconds: number;
    readonly periodSeconds: number;
    readonly timeoutSeconds: number;
    readonly failureThreshold: number;
}

/** A probe of the port named `http`. */
export function httpProbe({ path, ...timings }: ProbeConfig): types.input.core.v1.Probe {
    return { httpGet: { path, port: "http" }, ...timings };
}
