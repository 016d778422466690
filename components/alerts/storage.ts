/** Certificates, by cert-manager, and volumes, by the kubelet. */
import { type Alert, type AlertContext, day, hour, minute, range, selector } from "./alert.ts";

const full = 0.1;
const halfEmpty = 0.5;
const horizon = 4 * day;

export function certificateAlerts(context: AlertContext): readonly Alert[] {
    if (!context.watched.certificates) return [];
    // Where the scrape of cert-manager does not honour its labels, Prometheus renames the one of the same name.
    const both = (metric: string, matcher: string): string => {
        const exported = `{exported_namespace="${context.namespace}"${matcher === "" ? "" : `,${matcher}`}}`;
        return `max by (name) (${metric}${selector(context, matcher)} or ${metric}${exported})`;
    };
    const expiry = both("certmanager_certificate_expiration_timestamp_seconds", "");
    const renewal = both("certmanager_certificate_renewal_timestamp_seconds", "");
    return [
        {
            name: "TradeStreamCertificateNotReady",
            severity: "warning",
            expression: `${both("certmanager_certificate_ready_status", 'condition="False"')} == 1`,
            forSeconds: 30 * minute,
            summary: "cert-manager cannot issue the certificate {{ $labels.name }}",
            description: "Browsers refuse its hosts, or will when the present one expires.",
        },
        {
            name: "TradeStreamCertificateNotRenewed",
            severity: "warning",
            // 0 where there is none yet.
            expression: `time() - (${renewal} > 0) > ${6 * hour}`,
            forSeconds: 15 * minute,
            summary: "The certificate {{ $labels.name }} has not been renewed",
            description: "It was due {{ $value | humanizeDuration }} ago.",
        },
        {
            name: "TradeStreamCertificateExpiring",
            severity: "critical",
            expression: `(${expiry} > 0) - time() < ${day}`,
            forSeconds: 5 * minute,
            summary: "The certificate {{ $labels.name }} expires within a day",
            description: "In {{ $value | humanizeDuration }}, browsers refuse its hosts.",
        },
    ];
}

export function volumeAlerts(context: AlertContext): readonly Alert[] {
    const least = (of: string): string => `min by (persistentvolumeclaim) (${of})`;
    const available = `kubelet_volume_stats_available_bytes${selector(context)}`;
    const share = `${least(available)} / ${least(`kubelet_volume_stats_capacity_bytes${selector(context)}`)}`;
    return [
        {
            name: "TradeStreamVolumeFilling",
            severity: "warning",
            expression:
                `${least(`predict_linear(${available}[${range(6 * hour, context)}], ${horizon})`)} < 0` +
                ` and ${share} < ${halfEmpty}`,
            forSeconds: hour,
            summary: "The volume of {{ $labels.persistentvolumeclaim }} will be full within four days",
            description: "As much as in the last six hours, written on, is more than is left.",
        },
        {
            name: "TradeStreamVolumeFull",
            severity: "critical",
            expression: `${share} < ${full}`,
            forSeconds: 5 * minute,
            summary: "The volume of {{ $labels.persistentvolumeclaim }} is nearly full",
            description: "Only {{ $value | humanizePercentage }} are left. A database without room stops.",
        },
    ];
}
