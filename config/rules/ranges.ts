/** A rule over address ranges: the API server refuses a NetworkPolicy with bits after the prefix. */
import { networkOf } from "../cidr.ts";
import { set } from "../errors/commands.ts";
import type { Settings } from "../schema.ts";
import { invalid, type Rule, valid } from "./rule.ts";

/** @param key Key of a list of ranges; `of` reads it. */
export const areNetworks =
    (key: string, of: (settings: Settings) => readonly string[]): Rule =>
    ({ settings }) =>
        of(settings).flatMap((range, index) => {
            const [place, network] = [`${key}[${index}]`, networkOf(range)];
            return network === range
                ? valid
                : invalid(place, `is ${range}, an address within ${network}`, set(place, network));
        });
