/** The services as their users see them, and the pods behind them. */
import { type AlertContext, named, podsOf, selector } from "../alerts/alert.ts";
import { type Dashboard, type Panel, window } from "./dashboard.ts";
import { usagePanels } from "./usage.ts";

export function servicesDashboard(context: AlertContext): Dashboard {
    return {
        name: "services",
        title: "TradeStream services",
        rows: [
            { title: "Requests to gateway-api", panels: requestPanels(context) },
            { title: "Pods", panels: [...replicaPanels(context), ...usagePanels(context, podsOf(context))] },
            { title: "Runs", panels: runPanels(context) },
        ],
    };
}

function requestPanels(context: AlertContext): readonly Panel[] {
    if (!context.watched.requests) return [];
    const { metrics, slo } = context.config;
    const { requests, duration, codeLabel, routeLabel, connectionsInUse, connectionsMax } = metrics;
    const pods = podsOf(context, "gateway-api");
    const all = `${requests}${selector(context, pods, metrics.matchers)}`;
    const errors = `${requests}${selector(context, pods, metrics.matchers, `${codeLabel}=~"5.."`)}`;
    // Without any error there is no such series.
    const ratio = (what: string, range: string): string =>
        `(sum(${what}(${errors}[${range}])) or vector(0)) / sum(${what}(${all}[${range}]))`;
    const buckets = `sum by (le) (rate(${duration}_bucket${selector(context, pods, metrics.matchers)}[${window}]))`;
    const budget = Number(((100 - Number(slo.availability)) / 100).toPrecision(6));
    return [
        {
            title: "Requests by route",
            unit: "reqps",
            queries: [{ expression: `sum by (${routeLabel}) (rate(${all}[${window}]))`, legend: `{{${routeLabel}}}` }],
        },
        {
            title: "Requests by code",
            unit: "reqps",
            queries: [{ expression: `sum by (${codeLabel}) (rate(${all}[${window}]))`, legend: `{{${codeLabel}}}` }],
        },
        {
            title: "Server errors",
            description: `The objective allows ${slo.availability} % of the requests of 30 days to succeed, or more.`,
            unit: "percentunit",
            queries: [{ expression: ratio("rate", window) }],
        },
        {
            title: "Error budget left",
            description: `Of the server errors that 30 days may have (${slo.availability} %). Prometheus has to keep 30 days.`,
            unit: "percentunit",
            kind: "number",
            queries: [{ expression: `1 - (${ratio("increase", "30d")}) / ${budget}` }],
        },
        {
            title: "Time until an answer begins",
            description: `The objective for the 95th percentile is ${slo.latencyMilliseconds} ms.`,
            unit: "s",
            queries: [0.5, 0.95, 0.99].map((quantile) => ({
                expression: `histogram_quantile(${quantile}, ${buckets})`,
                legend: `${quantile * 100} %`,
            })),
        },
        {
            title: "Database connections",
            queries: [
                { expression: `max by (pod) (${connectionsInUse}${selector(context, pods)})`, legend: "{{pod}}" },
                { expression: `max(${connectionsMax}${selector(context, pods)})`, legend: "most of a pod" },
            ],
        },
    ];
}

function replicaPanels(context: AlertContext): readonly Panel[] {
    const { deployments } = context.watched;
    if (deployments.length === 0) return [];
    const of = selector(context, named("deployment", context, deployments));
    const most = (metric: string): string => `max by (deployment) (${metric}${of})`;
    return [
        {
            title: "Replicas",
            queries: [
                { expression: most("kube_deployment_status_replicas_available"), legend: "{{deployment}}" },
                { expression: most("kube_deployment_spec_replicas"), legend: "{{deployment}}, wanted" },
            ],
        },
    ];
}

function runPanels(context: AlertContext): readonly Panel[] {
    const { cronJobs } = context.watched;
    if (cronJobs.length === 0) return [];
    const of = selector(context, named("cronjob", context, cronJobs));
    return [
        {
            title: "Since the last success",
            unit: "s",
            queries: [
                {
                    expression: `time() - max by (cronjob) (kube_cronjob_status_last_successful_time${of})`,
                    legend: "{{cronjob}}",
                },
            ],
        },
    ];
}
