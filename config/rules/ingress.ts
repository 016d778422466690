/** Rules over one Ingress. */
import type { ServiceKeyOf } from "../services/index.ts";
import type { WebServiceConfig } from "../services/web.ts";
import { type Rule, valid } from "./rule.ts";

type Ingress = WebServiceConfig["ingress"];

/** A rule over an enabled Ingress of a service; `key` is where it is configured. */
export const onIngress =
    (check: (ingress: Ingress, key: string, settings: Parameters<Rule>[0]["settings"]) => ReturnType<Rule>) =>
    (service: ServiceKeyOf<"web">): Rule =>
    ({ settings }) => {
        const { enabled, ingress } = settings[service];
        return enabled && ingress.enabled ? check(ingress, `${service}.ingress`, settings) : valid;
    };
