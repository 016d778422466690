/** Rules over metrics and alerts. */
import { hasOwnRoles } from "../database.ts";
import { inTurn, set } from "../errors/commands.ts";
import { invalid, type Rule, valid } from "./rule.ts";

const speedIsReal: Rule = ({ settings: { environment, monitoring } }) =>
    environment !== "production" || monitoring.speed === 1
        ? valid
        : invalid(
              "monitoring.speed",
              `is ${monitoring.speed}: production has alerts of their real windows`,
              set("monitoring.speed", 1),
          );

/** Neither the superuser nor a service: who reads statistics needs no data. */
const exporterHasLogin: Rule = ({ settings, secrets }) => {
    const { enabled, env } = settings.postgresExporter;
    const key = "postgresExporter.env.DATA_SOURCE_NAME";
    return !enabled || env["DATA_SOURCE_NAME"] !== undefined || hasOwnRoles(settings, secrets)
        ? valid
        : invalid(
              key,
              "is missing: the program makes no roles in this database. Name the Secret with the address of one that has pg_monitor (docs/monitoring.md)",
              inTurn(set(`${key}.secretKeyRef.name`, "<secret>"), set(`${key}.secretKeyRef.key`, "<key>")),
          );
};

/** What has no effect alone. */
const belongToMonitoring: Rule = ({ settings: { monitoring, postgresExporter, redisExporter } }) => {
    const parts = {
        "postgresExporter.enabled": postgresExporter.enabled,
        "redisExporter.enabled": redisExporter.enabled,
        "monitoring.dashboards.enabled": monitoring.dashboards.enabled,
    };
    const problem = "is true, and has no effect: monitoring.enabled is false";
    return Object.entries(parts).flatMap(([key, enabled]) =>
        !enabled || monitoring.enabled ? valid : invalid(key, problem, set("monitoring.enabled", true)),
    );
};

export const monitoringRules: readonly Rule[] = [speedIsReal, exporterHasLogin, belongToMonitoring];
