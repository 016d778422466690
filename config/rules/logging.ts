/** Rules over the shipping of logs. */
import { keyPath, remove, set } from "../errors/commands.ts";
import { agentNamespace } from "../logging.ts";
import { areNetworks } from "./ranges.ts";
import { invalid, type Rule, valid } from "./rule.ts";

const endpointIsGiven: Rule = ({ settings: { logging } }) =>
    !logging.enabled || logging.endpoint !== undefined
        ? valid
        : invalid("logging.endpoint", "is missing: logs need a destination", set("logging.endpoint", "<https URL>"));

const endpointIsBase: Rule = ({ settings: { logging } }) => {
    const base = logging.endpoint?.replace(/\/v1\/logs\/?$/, "");
    return base === logging.endpoint
        ? valid
        : invalid(
              "logging.endpoint",
              `is ${logging.endpoint}: the agent adds /v1/logs to it`,
              set("logging.endpoint", base!),
          );
};

const endpointIsEncrypted: Rule = ({ settings: { environment, logging } }) =>
    environment === "local" || logging.endpoint === undefined || logging.endpoint.startsWith("https:")
        ? valid
        : invalid(
              "logging.endpoint",
              `is ${logging.endpoint}, without TLS: logs leave the node, and so does what authorizes them`,
              set("logging.endpoint", logging.endpoint.replace(/^http:/, "https:")),
          );

const authorizationIsSecret: Rule = ({ settings: { logging } }) =>
    Object.keys(logging.headers)
        .filter((name) => name.toLowerCase() === "authorization")
        .flatMap((name) => {
            const key = keyPath(["logging", "headers", name]);
            return invalid(key, "is a secret: set logAuthorization with --secret in its place", remove(key));
        });

/** The agent would send one of them alone. */
const headersDiffer: Rule = ({ settings: { logging } }) =>
    Object.keys(logging.headers).flatMap((name, index, names) => {
        const other = names.slice(0, index).find((each) => each.toLowerCase() === name.toLowerCase());
        const key = keyPath(["logging", "headers", name]);
        return other === undefined
            ? valid
            : invalid(key, `is the header ${other} again: the case of its letters makes no difference`, remove(key));
    });

const authorizationIsUsed: Rule = ({ settings: { logging }, secrets: { logAuthorization } }) =>
    logging.enabled || logAuthorization === undefined
        ? valid
        : invalid(
              "logAuthorization",
              "is set, but logging.enabled is false, so nothing would use it",
              remove("logAuthorization"),
          );

const hasOnePlace: Rule = ({ settings: { logging } }) =>
    logging.storeNamespace === undefined || logging.cidrs.length === 0
        ? valid
        : invalid("logging.cidrs", "is set, and so is logging.storeNamespace", remove("logging.cidrs"));

/** As for every namespace; where the configuration names it, its schema says so. */
const longestNamespace = 63;

const namespaceIsShort: Rule = ({ settings }) => {
    const { length } = agentNamespace(settings);
    return !settings.logging.enabled || length <= longestNamespace
        ? valid
        : invalid(
              "logging.namespace",
              `is missing: the stack's namespace with -logs has ${length} characters, more than ${longestNamespace}`,
              set("logging.namespace", "<namespace>"),
          );
};

/** The namespace of the stack refuses the agent's pods, or would have to refuse less of all others. */
const agentIsElsewhere: Rule = ({ settings }) =>
    agentNamespace(settings) !== settings.namespace
        ? valid
        : invalid(
              "logging.namespace",
              `is ${settings.namespace}, the stack's: the agent needs a namespace of its own`,
              remove("logging.namespace"),
          );

export const loggingRules: readonly Rule[] = [
    endpointIsGiven,
    endpointIsBase,
    endpointIsEncrypted,
    authorizationIsSecret,
    headersDiffer,
    authorizationIsUsed,
    hasOnePlace,
    agentIsElsewhere,
    namespaceIsShort,
    areNetworks("logging.cidrs", ({ logging }) => logging.cidrs),
];
