/** gateway-api as its users see it, by its own metrics. */
import { type Alert, type AlertContext, day, hour, minute, podsOf, range, selector } from "./alert.ts";

/**
 * Rates at which the budget of 30 days burns, each over a long window, and over a short one so that the alert ends soon.
 * Source: https://sre.google/workbook/alerting-on-slos/#6-multiwindow-multi-burn-rate-alerts
 */
const fast = [
    { rate: 14.4, windows: [hour, 5 * minute] },
    { rate: 6, windows: [6 * hour, 30 * minute] },
] as const;
const slow = [
    { rate: 3, windows: [day, 2 * hour] },
    { rate: 1, windows: [3 * day, 6 * hour] },
] as const;

const serverError = (label: string): string => `${label}=~"5.."`;
const worstRouteErrors = 0.05;
/** Below that number, one failed request would be many percent. */
const fewestRequests = 20;
const latencyQuantile = 0.95;
const fullPool = 0.9;

export function requestAlerts(context: AlertContext): readonly Alert[] {
    if (!context.watched.requests) return [];
    const { metrics, slo } = context.config;
    const { requests, duration, codeLabel, routeLabel, connectionsInUse, connectionsMax } = metrics;
    const pods = podsOf(context, "gateway-api");
    const counted = (...matchers: readonly string[]): string => selector(context, pods, metrics.matchers, ...matchers);
    const errors = `${requests}${counted(serverError(codeLabel))}`;
    const all = `${requests}${counted()}`;
    const errorRatio = (seconds: number): string => {
        const window = range(seconds, context);
        return `sum(rate(${errors}[${window}])) / sum(rate(${all}[${window}]))`;
    };
    const budget = (100 - Number(slo.availability)) / 100;
    const burns = (rates: typeof fast | typeof slow): string =>
        rates
            .map(({ rate, windows }) => {
                const limit = Number((rate * budget).toPrecision(6));
                return `(${windows.map((window) => `${errorRatio(window)} > ${limit}`).join(" and ")})`;
            })
            .join(" or ");
    const window = range(10 * minute, context);
    const perRoute = (what: string, of: string): string => `sum by (${routeLabel}) (${what}(${of}[${window}]))`;
    const allowed = `${slo.availability} % of the requests of 30 days may not fail`;
    return [
        {
            name: "TradeStreamErrorBudgetBurnFast",
            severity: "critical",
            expression: burns(fast),
            forSeconds: 2 * minute,
            summary: "gateway-api answers many requests with server errors",
            description: `{{ $value | humanizePercentage }} of the requests fail. ${allowed}: at this rate, the budget is gone in five days or sooner.`,
        },
        {
            name: "TradeStreamErrorBudgetBurnSlow",
            severity: "warning",
            expression: burns(slow),
            forSeconds: hour,
            summary: "gateway-api answers more requests with server errors than its objective allows",
            description: `{{ $value | humanizePercentage }} of the requests fail. ${allowed}: at this rate, the budget does not last.`,
        },
        {
            name: "TradeStreamRouteErrors",
            severity: "warning",
            expression:
                `${perRoute("rate", errors)} / ${perRoute("rate", all)} > ${worstRouteErrors}` +
                ` and ${perRoute("increase", all)} >= ${fewestRequests}`,
            forSeconds: 5 * minute,
            summary: `gateway-api answers requests for {{ $labels.${routeLabel} }} with server errors`,
            description: "{{ $value | humanizePercentage }} of the requests of ten minutes for this route fail.",
        },
        {
            name: "TradeStreamLatency",
            severity: "warning",
            expression:
                `histogram_quantile(${latencyQuantile}, sum by (le) (rate(${duration}_bucket${counted()}[${window}])))` +
                ` > ${slo.latencyMilliseconds / 1000}`,
            forSeconds: 10 * minute,
            summary: "gateway-api answers slowly",
            description: `5 % of the answers begin after {{ $value | humanizeDuration }} or later; the objective is ${slo.latencyMilliseconds} ms.`,
        },
        {
            name: "TradeStreamDatabasePoolExhausted",
            severity: "warning",
            expression:
                `max by (pod) (${connectionsInUse}${selector(context, pods)})` +
                ` / max by (pod) (${connectionsMax}${selector(context, pods)}) >= ${fullPool}`,
            forSeconds: 5 * minute,
            summary: "Pod {{ $labels.pod }} uses all of its database connections",
            description:
                "{{ $value | humanizePercentage }} of the connections of its pool work all the time; requests wait for one.",
        },
    ];
}
