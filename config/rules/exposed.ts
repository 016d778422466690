/** What the rules over Ingresses and routes have in common: for which stacks and services they hold. */
import type { ServiceKeyOf } from "../services/index.ts";
import type { WebServiceConfig } from "../services/web.ts";
import { type Rule, valid } from "./rule.ts";

type Ingress = WebServiceConfig["ingress"];
type Settings = Parameters<Rule>[0]["settings"];

/** A rule over an exposed service of a stack for which `where` holds; `key` is where its exposure is configured. */
export const onExposed =
    (where: (settings: Settings) => boolean, check: (ingress: Ingress, key: string) => ReturnType<Rule>) =>
    (service: ServiceKeyOf<"web">): Rule =>
    ({ settings }) => {
        const { enabled, ingress } = settings[service];
        return enabled && ingress.enabled && where(settings) ? check(ingress, `${service}.ingress`) : valid;
    };

export const hasIngresses = ({ exposure }: Settings): boolean => exposure !== "gateway";
export const hasRoutes = ({ exposure }: Settings): boolean => exposure !== "ingress";
export const hasIngressesAlone = ({ exposure }: Settings): boolean => exposure === "ingress";
export const hasRoutesAlone = ({ exposure }: Settings): boolean => exposure === "gateway";
