/**
 * The table of services. The schema of the configuration, the rules, and what the chart leaves to the program follow from
 * it: a new service takes a file with its schema, and a name in this table.
 */
import { agentDashboard } from "./agent-dashboard.ts";
import { databaseMigration } from "./database-migration.ts";
import { gatewayApi } from "./gateway-api.ts";
import { notificationWorker } from "./notification-worker.ts";
import { postgresExporter } from "./postgres-exporter.ts";
import { redisExporter } from "./redis-exporter.ts";
import type { DataService, Kind, Service } from "./service.ts";
import { smokeTest } from "./smoke-test.ts";
import type { WebServiceConfig } from "./web.ts";

/** All services, under their keys in a stack's configuration. */
export const services = {
    gatewayApi,
    agentDashboard,
    notificationWorker,
    databaseMigration,
    smokeTest,
    postgresExporter,
    redisExporter,
} as const satisfies Readonly<Record<string, Service>>;

type Services = typeof services;
export type ServiceKey = keyof Services;
/** Keys of the services of some kinds. */
export type ServiceKeyOf<K extends Kind> = {
    [Key in ServiceKey]: Services[Key]["kind"] extends K ? Key : never;
}[ServiceKey];

export const serviceKeys = Object.keys(services) as readonly ServiceKey[];
/** Services behind a Service and an Ingress. */
export const webServices = keysOf("web");
/** Services that run on a schedule. */
export const cronJobs = keysOf("cronJob");
/** Services whose pods have a NetworkPolicy of their own. */
export const isolatedServices = keysOf("web", "worker", "cronJob");

/** The schema of each service. */
export const serviceSchemas = mapServices(({ schema }) => schema) as {
    readonly [Key in ServiceKey]: Services[Key]["schema"];
};

/** Values for what the schemas require; see `Service`. */
export const stubValues = mapServices(({ stub }) => stub ?? {});

/** Whether any service asks for a certificate. */
export function hasCertificates(
    settings: Readonly<Record<ServiceKeyOf<"web">, Pick<WebServiceConfig, "enabled" | "ingress">>>,
): boolean {
    return webServices.some((key) => {
        const { enabled, ingress } = settings[key];
        return enabled && ingress.enabled && ingress.tls.length > 0;
    });
}

/** Names of the services of a stack whose pods connect to a data service. */
export function clientsOf(
    dataService: DataService,
    settings: Readonly<Record<ServiceKey, { readonly enabled: boolean }>>,
): readonly string[] {
    return serviceKeys
        .filter((key) => settings[key].enabled && (services[key] as Service).uses.includes(dataService))
        .map((key) => services[key].name);
}

function keysOf<K extends Kind>(...kinds: readonly K[]): readonly ServiceKeyOf<K>[] {
    return serviceKeys.filter((key): key is ServiceKeyOf<K> => (kinds as readonly Kind[]).includes(services[key].kind));
}

function mapServices<T>(map: (service: Service) => T): Record<string, T> {
    return Object.fromEntries(Object.entries<Service>(services).map(([key, service]) => [key, map(service)]));
}

export type { AgentDashboardConfig } from "./agent-dashboard.ts";
export type { DatabaseMigrationConfig } from "./database-migration.ts";
export type { GatewayApiConfig } from "./gateway-api.ts";
export type { NotificationWorkerConfig } from "./notification-worker.ts";
export type { ExporterConfig } from "./redis-exporter.ts";
export type { SmokeTestConfig } from "./smoke-test.ts";
export type { WebServiceConfig } from "./web.ts";
