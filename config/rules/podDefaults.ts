/** Rules over what all pods have in common. */
import { isIP } from "node:net";
import { inTurn, remove, set } from "../errors/commands.ts";
import { invalid, type Rule, valid } from "./rule.ts";

const priorityClassHasName: Rule = ({ settings: { priorityClassName, priorityClassValue } }) => {
    if (priorityClassValue === undefined) return valid;
    if (priorityClassName === undefined)
        return invalid(
            "priorityClassName",
            "is missing: priorityClassValue creates the PriorityClass of this name",
            set("priorityClassName", "tradestream"),
        );
    return priorityClassName.startsWith("system-")
        ? invalid(
              "priorityClassValue",
              `creates ${priorityClassName}, and names that begin with system- are Kubernetes' own`,
              remove("priorityClassValue"),
          )
        : valid;
};

/** Network policies allow addresses and namespaces, and know no names. */
const proxyIsReachable: Rule = ({ settings: { proxy } }) => {
    if (proxy.cidrs.length > 0)
        return proxy.namespace === undefined
            ? valid
            : invalid(
                  "proxy.namespace",
                  "is set beside proxy.cidrs: a proxy is in one place",
                  remove("proxy.namespace"),
              );
    const names = [proxy.http, proxy.https]
        .flatMap((url) => (url === undefined ? [] : [new URL(url).hostname]))
        .filter((host) => isIP(host.replace(/^\[(.*)\]$/, "$1")) === 0);
    return names.length === 0 || proxy.namespace !== undefined
        ? valid
        : invalid(
              "proxy.cidrs",
              `is empty, and network policies do not know where ${names[0]} is; for a proxy in the cluster, set proxy.namespace`,
              set("proxy.cidrs[0]", "<range>"),
          );
};

const proxyIsComplete: Rule = ({ settings: { proxy } }) => {
    const key = proxy.namespace === undefined ? "proxy.cidrs" : "proxy.namespace";
    return (proxy.http ?? proxy.https) !== undefined || (proxy.cidrs.length === 0 && proxy.namespace === undefined)
        ? valid
        : invalid(
              key,
              "is set, but there is no proxy: set proxy.http or proxy.https",
              inTurn(remove(key), set("proxy.https", "<url>")),
          );
};

export const podDefaultRules: readonly Rule[] = [priorityClassHasName, proxyIsReachable, proxyIsComplete];
