/** Rules over the chart: where it comes from, and what it must not decide. */
import { chartDirectoryError, chartSecretKeys } from "../chart.ts";
import { keyPath, remove, set, setSecret } from "../errors/commands.ts";
import { secretType } from "../secretType.ts";
import { isObject } from "../values.ts";
import { chartSettingRules } from "./chartSettings.ts";
import { valuesFit } from "./chartValues.ts";
import { invalid, type Rule, valid } from "./rule.ts";

/** Keys that each kind of source requires. */
const needs: Readonly<Record<"path" | "repository" | "oci", readonly ("name" | "version")[]>> = {
    path: [],
    repository: ["name", "version"],
    oci: ["version"],
};
const sources = ["path", "repository", "oci"] as const;

const chartHasOneSource: Rule = ({ settings: { chart } }) => {
    const [first, second] = sources.filter((source) => chart[source] !== undefined);
    return first === undefined || second === undefined
        ? valid
        : invalid("chart", `names ${first} and ${second}: a chart has one source`, remove(`chart.${second}`));
};

const sourceIsComplete: Rule = ({ settings: { chart } }) =>
    sources
        .filter((source) => chart[source] !== undefined)
        .flatMap((source) =>
            needs[source]
                .filter((key) => chart[key] === undefined)
                .flatMap((key) =>
                    invalid(`chart.${key}`, `is missing: chart.${source} needs it`, set(`chart.${key}`, `<${key}>`)),
                ),
        );

const nothingIsIgnored =
    (key: "name" | "version"): Rule =>
    ({ settings: { chart } }) => {
        const used = sources.some((source) => chart[source] !== undefined && needs[source].includes(key));
        return chart[key] === undefined || used
            ? valid
            : invalid(`chart.${key}`, `is set, but the source of the chart does not use it`, remove(`chart.${key}`));
    };

const directoryIsChart: Rule = ({ settings: { chart } }) => {
    const problem = chartDirectoryError(chart);
    return problem === undefined ? valid : [problem];
};

const chartSecretsExist: Rule = ({ settings: { chart }, secrets: { chartSecrets } }) =>
    Object.entries(chartSecretKeys(chart))
        .filter(([name]) => !chart.existingSecrets.includes(name))
        .flatMap(([name, keys]) =>
            keys
                .map((key) => ({ key, path: keyPath(["chartSecrets", name, key]) }))
                .filter(({ key }) => chartSecrets[name]?.[key] === undefined)
                .flatMap(({ path }) =>
                    invalid(
                        path,
                        `is missing: the chart needs it; or name ${name} in chart.existingSecrets`,
                        setSecret(path),
                    ),
                ),
        );

const secretsAreMadeOnce: Rule = ({ settings: { chart, releaseName }, secrets: { chartSecrets } }) =>
    Object.keys(chartSecrets).flatMap((name) => {
        const key = keyPath(["chartSecrets", name]);
        if (chart.existingSecrets.includes(name)) {
            return invalid(key, "is given, and chart.existingSecrets says that it is made elsewhere", remove(key));
        }
        return name.startsWith(`${releaseName}-`)
            ? invalid(
                  key,
                  `has a name that begins with the release's (${releaseName}-), which is reserved for the program`,
                  remove(key),
              )
            : valid;
    });

/** The API server refuses other content of such a Secret. */
const credentialsAreRead: Rule = ({ secrets: { chartSecrets }, placeholders }) =>
    Object.entries(chartSecrets).flatMap(([name, data]) =>
        Object.entries(data).flatMap(([key, value]) => {
            const place = keyPath(["chartSecrets", name, key]);
            return placeholders || secretType({ [key]: value }) === "Opaque" || isJsonObject(value)
                ? valid
                : invalid(place, "must be JSON, as in the configuration file of docker", setSecret(place));
        }),
    );

function isJsonObject(text: string): boolean {
    try {
        return isObject(JSON.parse(text));
    } catch {
        return false;
    }
}

const releaseNameFits: Rule = ({ settings: { releaseName } }) =>
    releaseName.includes("tradestream")
        ? valid
        : invalid(
              "releaseName",
              `is ${releaseName}: it must contain tradestream, or the chart looks for its own services under another name`,
              set("releaseName", `${releaseName}-tradestream`),
          );

/** A generated password would lock the services out of the database that is there. */
const passwordIsKnown: Rule = ({ settings: { chart }, secrets: { databaseUrl, postgresPassword }, placeholders }) =>
    !chart.adopt || placeholders || databaseUrl !== undefined || postgresPassword !== undefined
        ? valid
        : invalid(
              "postgresPassword",
              "is missing: chart.adopt takes over a PostgreSQL that has one (docs/adopting.md)",
              setSecret("postgresPassword"),
          );

const namespaceIsThere: Rule = ({ settings: { chart, createNamespace } }) =>
    chart.adopt && createNamespace
        ? invalid(
              "createNamespace",
              "is true, but chart.adopt takes over a release, whose namespace exists",
              set("createNamespace", false),
          )
        : valid;

export const chartRules: readonly Rule[] = [
    releaseNameFits,
    chartHasOneSource,
    sourceIsComplete,
    nothingIsIgnored("name"),
    nothingIsIgnored("version"),
    directoryIsChart,
    chartSecretsExist,
    secretsAreMadeOnce,
    valuesFit,
    ...chartSettingRules,
    credentialsAreRead,
    passwordIsKnown,
    namespaceIsThere,
];
