/** Between the inputs of a `kubernetes:helm.sh/v3:Release` and helm's command line. */
import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { EngineError } from "../errors.ts";
import { equal, isObject, isValues, plain, stringAt, without, withoutNulls, textOf } from "../values.ts";
import type { Value, Values } from "../values.ts";

/** Options that become a flag when they are true. Helm 4 renamed some. */
const switches: Readonly<Record<string, string>> = {
    atomic: "--rollback-on-failure",
    cleanupOnFail: "--cleanup-on-fail",
    dependencyUpdate: "--dependency-update",
    devel: "--devel",
    disableOpenapiValidation: "--disable-openapi-validation",
    disableWebhooks: "--no-hooks",
    forceUpdate: "--force-replace",
    renderSubchartNotes: "--render-subchart-notes",
    resetValues: "--reset-values",
    reuseValues: "--reuse-values",
    skipCrds: "--skip-crds",
    verify: "--verify",
    waitForJobs: "--wait-for-jobs",
};

/** Switches that `helm template` knows too. */
const templateSwitches = ["dependencyUpdate", "devel", "disableWebhooks", "skipCrds", "verify"];

const known = new Set([
    ...Object.keys(switches),
    "allowNullValues", "chart", "compat", "createNamespace", "description", "keyring", "lint", "maxHistory", "name", "namespace",
    "repositoryOpts", "skipAwait", "timeout", "values", "version",
]); // prettier-ignore

const defaultTimeout = 300;

/** What the official provider records where a program says nothing: with it, both leave the same state. */
const unsaid: Values = {
    ...Object.fromEntries(
        [...Object.keys(switches), "createNamespace", "disableCRDHooks", "lint", "recreatePods", "replace", "skipAwait"]
            .filter((key) => key !== "atomic")
            .map((key) => [key, false]),
    ),
    allowNullValues: false,
    description: "",
    keyring: "",
    postrender: "",
};

/** Completes the inputs of a Release. Throws for options that the engine does not have. */
export function checkRelease(
    inputs: Values,
    options: { readonly namespace: string; readonly autoname: () => string },
): Values {
    const given = withoutNulls(inputs) as Values;
    const values = inputs["values"]; // a null in a chart's values is an instruction to helm
    for (const key of Object.keys(given)) {
        if (!known.has(key) && !equal(given[key], unsaid[key]))
            throw new EngineError(`helm Release option ${key} is not supported by the embedded engine`);
    }
    for (const key of ["username", "password"]) {
        if (stringAt(given, "repositoryOpts", key) !== undefined) {
            throw new EngineError(
                `repositoryOpts.${key} would show in helm's arguments: log in with "helm registry login" or "helm repo add" instead`,
            );
        }
    }
    return {
        ...unsaid,
        ...without(given, ["compat"]),
        ...(values !== undefined && values !== null && { values }),
        name: typeof given["name"] === "string" && given["name"] !== "" ? given["name"] : options.autoname(),
        namespace:
            typeof given["namespace"] === "string" && given["namespace"] !== ""
                ? given["namespace"]
                : options.namespace,
        ...(given["skipAwait"] !== true && given["timeout"] === undefined && { timeout: defaultTimeout }),
    };
}

/** `helm upgrade --install`, values on standard input, the release as JSON on standard output. */
export function upgradeArguments(inputs: Values): readonly string[] {
    const flags = Object.entries(switches)
        .filter(([key]) => inputs[key] === true)
        .map(([, flag]) => flag);
    return [
        "upgrade",
        ...common(inputs),
        "--install",
        "--output", "json",
        ...flags,
        ...(inputs["createNamespace"] === true ? ["--create-namespace"] : []),
        ...(inputs["skipAwait"] === true ? [] : ["--wait=watcher", "--timeout", `${textOf(inputs["timeout"] ?? defaultTimeout)}s`]),
        ...(typeof inputs["maxHistory"] === "number" ? ["--history-max", String(inputs["maxHistory"])] : []),
        ...(typeof inputs["description"] === "string" && inputs["description"] !== "" ? ["--description", inputs["description"]] : []),
    ]; // prettier-ignore
}

/** `helm template` of the same release: needs no cluster. */
export function templateArguments(inputs: Values, isUpgrade: boolean): readonly string[] {
    const flags = templateSwitches.filter((key) => inputs[key] === true).map((key) => switches[key] ?? "");
    const definitions = inputs["skipCrds"] === true ? [] : ["--include-crds"];
    return ["template", ...common(inputs), ...flags, ...definitions, ...(isUpgrade ? ["--is-upgrade"] : [])];
}

/** The values for standard input. */
export function valuesText(inputs: Values): string {
    return JSON.stringify(plain(inputs["values"] ?? {}));
}

/** The version that a chart in a directory says of itself. */
export function localChartVersion(inputs: Values, directory: string): string | undefined {
    const file = path.resolve(directory, textOf(inputs["chart"]), "Chart.yaml");
    if (!fs.existsSync(file)) return undefined;
    const content: unknown = parse(fs.readFileSync(file, "utf8"));
    return isObject(content) && typeof content["version"] === "string" ? content["version"] : undefined;
}

function common(inputs: Values): readonly string[] {
    const options = plain(inputs["repositoryOpts"] ?? {});
    const repository: Value = isValues(options) ? options : {};
    const flag = (name: string, value: Value | undefined): string[] =>
        typeof value === "string" && value !== "" ? [name, value] : [];
    return [
        textOf(inputs["name"]),
        textOf(inputs["chart"]),
        "--namespace", textOf(inputs["namespace"]),
        ...flag("--version", inputs["version"]),
        ...(isValues(repository) ? flag("--repo", repository["repo"]) : []),
        ...(isValues(repository) ? flag("--ca-file", repository["caFile"]) : []),
        ...(isValues(repository) ? flag("--cert-file", repository["certFile"]) : []),
        ...(isValues(repository) ? flag("--key-file", repository["keyFile"]) : []),
        ...flag("--keyring", inputs["keyring"]),
        "--values", "-",
    ]; // prettier-ignore
}
