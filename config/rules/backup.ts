/** Rules over backups. */
import { chartDirectory, isEmbedded } from "../chart.ts";
import { meet } from "../cron.ts";
import { keyPath, remove, set, setSecret } from "../errors/commands.ts";
import { backupSecretKeys, backupSecrets } from "../secrets.ts";
import { valueAt } from "../values.ts";
import { endsBeforeNext } from "./deadline.ts";
import { areNetworks } from "./ranges.ts";
import { invalid, type Rule, valid } from "./rule.ts";

const hasOneRepository: Rule = ({ settings: { backup } }) => {
    if (backup.s3 !== undefined && backup.volume !== undefined)
        return invalid("backup", "names s3 and volume: backups have one place", remove("backup.volume"));
    return !backup.enabled || backup.s3 !== undefined || backup.volume !== undefined
        ? valid
        : invalid("backup.s3", "is missing: backups need a place", set("backup.s3.endpoint", "<https URL>"));
};

const databaseIsOurs: Rule = ({ settings: { backup, chart }, secrets: { databaseUrl } }) => {
    if (!backup.enabled) return valid;
    const directory = chartDirectory(chart);
    const other = directory === undefined || !isEmbedded(directory);
    return databaseUrl === undefined && !other
        ? valid
        : invalid(
              "backup.enabled",
              `is true, but ${other ? "the chart is another one" : "the database is outside the cluster (databaseUrl)"}: ` +
                  "only the PostgreSQL of the embedded chart is backed up",
              set("backup.enabled", false),
          );
};

/** The chart's default image has no pgBackRest. */
const imageIsNamed: Rule = ({ settings: { backup, chart } }) =>
    backup.enabled
        ? ["repository", "tag"].flatMap((name) => {
              const path = ["postgresql", "image", name];
              const key = keyPath(["chart", "values", ...path]);
              return typeof valueAt(chart.values, path) === "string"
                  ? valid
                  : invalid(
                        key,
                        "is missing: backups need an image that contains pgBackRest, and the chart's default has none (docs/backup.md)",
                        set(key, `<${name}>`),
                    );
          })
        : valid;

const secretsAreGiven: Rule = ({ settings: { backup }, secrets, placeholders }) => {
    const required: readonly string[] = backupSecrets(backup);
    return backupSecretKeys.flatMap((key) => {
        const given = secrets[key] !== undefined;
        if (required.includes(key))
            return given || placeholders
                ? valid
                : invalid(key, "is missing: backup.enabled is true, and its Secret holds it", setSecret(key));
        return given
            ? invalid(
                  key,
                  "is set, but nothing would use it: see backup.enabled, backup.s3, backup.createSecret",
                  remove(key),
              )
            : valid;
    });
};

const runsEndBeforeNext: Rule = ({ settings: { backup } }) =>
    backup.enabled ? endsBeforeNext("backup", backup.activeDeadlineSeconds, Object.values(backup.schedule)) : valid;

/** PostgreSQL's lock for backups lets one of them go first, and the other fail. */
const runsBeginApart: Rule = ({ settings: { backup } }) => {
    const { full, incremental } = backup.schedule;
    return backup.enabled && meet(full, incremental)
        ? invalid(
              "backup.schedule.incremental",
              `is ${incremental}, and backup.schedule.full is ${full}: some of their runs begin at once`,
              set("backup.schedule.incremental", "<cron expression>"),
          )
        : valid;
};

export const backupRules: readonly Rule[] = [
    hasOneRepository,
    databaseIsOurs,
    imageIsNamed,
    secretsAreGiven,
    runsEndBeforeNext,
    runsBeginApart,
    areNetworks("backup.s3.cidrs", ({ backup }) => backup.s3?.cidrs ?? []),
];
