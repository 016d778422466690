/** What the table of services says of each service. */
import type { z } from "../zod.ts";
import type { additions } from "./additions.ts";
import type { WebServiceConfig } from "./web.ts";

/** Settings that every service has. */
export type WorkloadConfig = Pick<
    WebServiceConfig,
    | "enabled"
    | "image"
    | "runAsUser"
    | "env"
    | "resources"
    | "nodeSelector"
    | "tolerations"
    | "affinity"
    | keyof typeof additions
>;

/** Settings of a service that can be paused, and whose pods have a NetworkPolicy of their own. */
type IsolatedConfig = WorkloadConfig & Pick<WebServiceConfig, "networkPolicy" | "paused">;

/** Settings of a service that runs on a schedule. */
type ScheduledConfig = IsolatedConfig & { readonly schedule: string; readonly activeDeadlineSeconds: number };

interface ConfigOfKind {
    /** A Deployment behind a Service and an Ingress. */
    web: WebServiceConfig;
    /** A Deployment without a Service. */
    worker: IsolatedConfig;
    cronJob: ScheduledConfig;
    job: WorkloadConfig;
}

/** A data service that the chart installs. */
export type DataService = "database" | "redis";

export type Kind = keyof ConfigOfKind;

/** One service: its kind, and a schema that has what the rules of this kind read. */
export type Service = {
    [K in Kind]: {
        /** Suffix of the names of its objects, and its label app.kubernetes.io/component. */
        readonly name: string;
        readonly kind: K;
        /** Data services that its pods connect to. */
        readonly uses: readonly DataService[];
        readonly schema: z.ZodType<ConfigOfKind[K]>;
        /** Environment variables that only the program sets, each with the key that it follows; empty where it is fixed. */
        readonly variables: Readonly<Record<string, string>>;
        /** Values for what the schema requires, so that rules can check the rest while these are missing or wrong. */
        readonly stub?: Readonly<Record<string, unknown>>;
    };
}[Kind];
