/** Rules over values that the embedded chart's templates refuse (charts/tradestream/templates/checks.yaml), in the middle of an update. */
import { isEmbeddedChart } from "../chart.ts";
import { isEmbeddedDatabase, servesTls } from "../database.ts";
import { keyPath, remove, set } from "../errors/commands.ts";
import { knownValues } from "../chartSchema.ts";
import { quantity } from "../quantity.ts";
import { isObject, valueAt } from "../values.ts";
import { invalid, type Rule, valid } from "./rule.ts";

/** Settings of PostgreSQL that the chart makes, by what switches them on. */
const ofChart = {
    always: ["data_directory", "listen_addresses", "port", "unix_socket_directories"],
    tls: ["hba_file", "ssl", "ssl_ca_file", "ssl_cert_file", "ssl_key_file"],
    backup: ["archive_command", "archive_library", "archive_mode", "archive_timeout", "hot_standby"],
} as const;

const settingsAreFree: Rule = ({ settings, secrets }) => {
    const path = ["postgresql", "primary", "settings"];
    const given = valueAt(settings.chart.values, path);
    if (!isEmbeddedDatabase(settings, secrets) || !isObject(given)) return valid;
    const taken: readonly string[] = [
        ...ofChart.always,
        ...(servesTls(settings, secrets) ? ofChart.tls : []),
        ...(settings.backup.enabled ? ofChart.backup : []),
    ];
    return Object.keys(given).flatMap((name) => {
        const key = keyPath(["chart", "values", ...path, name]);
        if (!/^[a-z_][a-z0-9_.]*$/.test(name))
            return invalid(key, "is not the name of a setting: small letters, digits, _ and .", remove(key));
        return taken.includes(name) ? invalid(key, "belongs to the chart, which sets it itself", remove(key)) : valid;
    });
};

const imagesAreFixed: Rule = ({ settings: { chart } }) =>
    isEmbeddedChart(chart)
        ? ["postgresql", "redis"].flatMap((service) => {
              const path = [service, "image", "tag"];
              const key = keyPath(["chart", "values", ...path]);
              return valueAt(chart.values, path) === "latest"
                  ? invalid(key, "is latest, which does not say what runs: name a version", set(key, "<tag>"))
                  : valid;
          })
        : valid;

const passwordIsNotPlain: Rule = ({ settings: { chart } }) => {
    const path = ["redis", "commonConfiguration"];
    const [key, lines] = [keyPath(["chart", "values", ...path]), valueAt(chart.values, path)];
    const hasOne = typeof lines === "string" && /^\s*(requirepass|masterauth|user)\s/im.test(lines);
    return isEmbeddedChart(chart) && hasOne
        ? invalid(key, "sets a password, which would be in a ConfigMap: set redis.auth.enabled instead", remove(key))
        : valid;
};

const powers: Readonly<Record<string, number>> = { kb: 10, mb: 20, gb: 30 };

const cacheFitsLimit: Rule = ({ settings: { chart } }) => {
    if (!isEmbeddedChart(chart) || valueAt(chart.values, ["redis", "master"]) === undefined) return valid;
    const all = knownValues(chart);
    const most = String(valueAt(all, ["redis", "master", "maxMemory"]));
    const [request, limit] = ["requests", "limits"].map((list) =>
        String(valueAt(all, ["redis", "master", "resources", list, "memory"])),
    ) as [string, string];
    const [, amount, unit = ""] = /^(\d+)(kb|mb|gb)$/.exec(most) ?? [];
    const key = "chart.values.redis.master.maxMemory";
    // A limit below the request is an error of its own.
    return quantity(request) <= quantity(limit) && Number(amount) * 2 ** (powers[unit] ?? 0) >= quantity(limit)
        ? invalid(
              key,
              `is ${most}, not below the memory limit (${limit}): Redis would be killed before it is full`,
              set("chart.values.redis.master.resources.limits.memory", "<memory>"),
          )
        : valid;
};

export const chartSettingRules: readonly Rule[] = [settingsAreFree, imagesAreFixed, passwordIsNotPlain, cacheFitsLimit];
