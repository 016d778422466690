/** What fires, as Alertmanager says: asked through the API server, with the rights of whoever asks for the status. */
import { monitoring } from "../../config/monitoring.ts";
import { settingsSchema } from "../../config/schema.ts";
import { fillIn, isObject } from "../../config/values.ts";
import type { Kubectl } from "../kubectl.ts";

/** The Service of Alertmanager. */
export interface Alertmanager {
    readonly namespace: string;
    /** As the proxy of the API server names it: NAME:PORT, or https:NAME:PORT. */
    readonly service: string;
}

export interface Alert {
    readonly name: string;
    readonly severity: string | null;
    /** Time in ISO 8601. */
    readonly since: string;
    readonly summary: string | null;
    /** Where people read what to do. */
    readonly runbook: string | null;
}

/** What is known of alerts. */
export interface Alerts {
    /** Those that fire, the oldest first; null where they are not known. */
    readonly alerts: readonly Alert[] | null;
    /** Why they are not known; null where they are, and where there is no Alertmanager. */
    readonly alertsUnknown: string | null;
}

/** What Alertmanager's API says of an alert, as far as it is read here. */
interface Firing {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly startsAt: string;
}

/** Where a stack's configuration says that Alertmanager is; none without monitoring, or where it is elsewhere. */
export function alertmanagerOf(config: Readonly<Record<string, unknown>>, project: string): Alertmanager | undefined {
    const given = (key: string): Record<string, unknown> => {
        const value = config[`${project}:${key}`];
        return isObject(value) ? value : {};
    };
    const { enabled, alertmanager } = fillIn(given("monitoring"), monitoring.parse({}));
    const { monitoringNamespace } = fillIn(given("networkPolicy"), settingsSchema.shape.networkPolicy.parse({}));
    return enabled === true && alertmanager !== ""
        ? { namespace: String(monitoringNamespace), service: String(alertmanager) }
        : undefined;
}

/** The alerts that fire in a namespace and would call somebody: neither silenced nor inhibited. */
export async function alertsOf(
    alertmanager: Alertmanager | undefined,
    kubectl: Kubectl,
    namespace: string,
): Promise<Alerts> {
    if (alertmanager === undefined) return { alerts: null, alertsUnknown: null };
    const proxy = `/api/v1/namespaces/${alertmanager.namespace}/services/${alertmanager.service}/proxy`;
    const filter = encodeURIComponent(`namespace="${namespace}"`);
    const query = `active=true&silenced=false&inhibited=false&unprocessed=false&filter=${filter}`;
    try {
        const text = await kubectl(["get", "--raw", `${proxy}/api/v2/alerts?${query}`]);
        return { alerts: read(text), alertsUnknown: null };
    } catch (error) {
        const where = `${alertmanager.service} in the namespace ${alertmanager.namespace}`;
        return { alerts: null, alertsUnknown: `Alertmanager (${where}) cannot be asked: ${(error as Error).message}` };
    }
}

function read(text: string): readonly Alert[] {
    const answer: unknown = JSON.parse(text);
    if (!Array.isArray(answer)) throw new Error("its answer is no list of alerts");
    const alerts = (answer as readonly Firing[]).map(({ labels, annotations, startsAt }) => ({
        name: labels["alertname"] ?? "",
        severity: labels["severity"] ?? null,
        since: startsAt,
        summary: annotations["summary"] ?? null,
        runbook: annotations["runbook_url"] ?? null,
    }));
    return alerts.toSorted((a, b) => Date.parse(a.since) - Date.parse(b.since));
}
