/** Jobs, CronJobs and what backups depend on, by kube-state-metrics. */
import { objectName } from "../shared/platform.ts";
import { type Alert, type AlertContext, minute, named, selector } from "./alert.ts";

export function jobAlerts(context: AlertContext): readonly Alert[] {
    const { cronJobs, jobs } = context.watched;
    const ofCronJobs = selector(context, named("cronjob", context, cronJobs));
    const hashed = jobs.map((name) => objectName(context.release, name)).join("|");
    const ofJobs = selector(context, `job_name=~"(${hashed})-[0-9a-f]{8}"`, 'condition="true"');
    const failed = cronJobs.map(({ name, deadlineSeconds }): Alert => {
        const cronjob = objectName(context.release, name);
        const of = selector(context, `cronjob="${cronjob}"`);
        return {
            name: "TradeStreamCronJobFailed",
            severity: "warning",
            // A run succeeds before its deadline or never. After none at all, there is no time of the last success.
            expression:
                `max(kube_cronjob_status_last_schedule_time${of})` +
                ` > (max(kube_cronjob_status_last_successful_time${of}) or vector(0))`,
            forSeconds: deadlineSeconds + minute,
            labels: { cronjob },
            summary: `The last run of ${cronjob} did not succeed`,
            description: "It was scheduled at {{ $value | humanizeTimestamp }}, and no run has succeeded since.",
        };
    });
    const late: Alert = {
        name: "TradeStreamCronJobLate",
        severity: "warning",
        // A CronJob that is suspended has no time of its next run. The program suspends none of these.
        expression:
            `time() - max by (cronjob) (kube_cronjob_next_schedule_time${ofCronJobs}) > 0` +
            ` or max by (cronjob) (kube_cronjob_spec_suspend${ofCronJobs}) == 1`,
        forSeconds: 15 * minute,
        summary: "{{ $labels.cronjob }} does not start its runs",
        description: "A run is due while another one still runs, or somebody has suspended the CronJob.",
    };
    const jobFailed: Alert = {
        name: "TradeStreamJobFailed",
        severity: "warning",
        expression: `max by (job_name) (kube_job_failed${ofJobs}) == 1`,
        forSeconds: 0,
        summary: "Job {{ $labels.job_name }} of the deployment has failed",
        description:
            "The database was not migrated, its first backup was not made, or the smoke test has found errors.",
    };
    return [...failed, ...(cronJobs.length > 0 ? [late] : []), ...(jobs.length > 0 ? [jobFailed] : [])];
}

export function backupAlerts(context: AlertContext): readonly Alert[] {
    const { backupAgeSeconds } = context.watched;
    if (backupAgeSeconds === undefined) return [];
    const of = selector(context, named("cronjob", context, ["backup-full", "backup-incremental"]));
    return [
        {
            name: "TradeStreamBackupTooOld",
            severity: "critical",
            // The CronJob's own age, until it has made a backup.
            expression:
                `time() - (max(kube_cronjob_status_last_successful_time${of})` +
                ` or min(kube_cronjob_created${of})) > ${backupAgeSeconds}`,
            forSeconds: 15 * minute,
            summary: "The last backup of the database is too old",
            description: "It is {{ $value | humanizeDuration }} old, and the schedule has a newer one.",
        },
    ];
}
