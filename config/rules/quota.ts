/** Rules over the limits of the namespace: the stack itself fits into them, at full scale and during a rollout. */
import { set } from "../errors/commands.ts";
import { podNeeds, type Resource, type Side } from "../needs.ts";
import { quantity } from "../quantity.ts";
import { invalid, type Rule, valid } from "./rule.ts";

const sides: readonly Side[] = ["requests", "limits"];
const resources: readonly Resource[] = ["cpu", "memory"];
const scale = "at full scale and during a rollout";

const quotaSuffices =
    (side: Side, resource: Resource): Rule =>
    ({ settings, secrets }) => {
        const given = settings.quota[side][resource];
        if (given === undefined) return valid;
        const needs = podNeeds(settings, secrets);
        const sum = needs.reduce((total, { pods, amount }) => total + pods * amount(side, resource), 0);
        const list = needs.map(
            ({ what, pods, amount }) => `${what} ${pods} × ${text(resource, amount(side, resource))}`,
        );
        const key = `quota.${side}.${resource}`;
        return quantity(given) >= rounded(resource, sum)
            ? valid
            : invalid(
                  key,
                  `is ${given}, and ${scale} the pods need ${text(resource, sum)} (${list.join(", ")})`,
                  set(key, text(resource, sum)),
              );
    };

const podsAreAllowed: Rule = ({ settings, secrets }) => {
    const { pods } = settings.quota;
    if (pods === undefined) return valid;
    const needs = podNeeds(settings, secrets);
    const sum = needs.reduce((total, need) => total + need.pods, 0);
    const list = needs.map((need) => `${need.what} ${need.pods}`);
    return pods >= sum
        ? valid
        : invalid(
              "quota.pods",
              `is ${pods}, and ${scale} there are ${sum} (${list.join(", ")})`,
              set("quota.pods", sum),
          );
};

/** The API server refuses a LimitRange with a request above the limit. */
const defaultsAreInOrder =
    (resource: Resource): Rule =>
    ({ settings: { limitRange } }) => {
        const [least, most] = [limitRange.defaultRequest[resource], limitRange.default[resource]];
        const key = `limitRange.default.${resource}`;
        return least === undefined || most === undefined || quantity(least) <= quantity(most)
            ? valid
            : invalid(key, `is ${most}, less than limitRange.defaultRequest.${resource} (${least})`, set(key, least));
    };

/** In millicores or mebibytes, rounded up; sums of fractions are not exact. */
function units(resource: Resource, amount: number): number {
    return Math.ceil((resource === "cpu" ? amount * 1000 : amount / 2 ** 20) - 1e-6);
}

function rounded(resource: Resource, amount: number): number {
    return quantity(text(resource, amount));
}

function text(resource: Resource, amount: number): string {
    return `${units(resource, amount)}${resource === "cpu" ? "m" : "Mi"}`;
}

export const quotaRules: readonly Rule[] = [
    ...sides.flatMap((side) => resources.map((resource) => quotaSuffices(side, resource))),
    podsAreAllowed,
    ...resources.map(defaultsAreInOrder),
];
