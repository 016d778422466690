/** Rules over metrics and alerts. */
import { set } from "../errors/commands.ts";
import { invalid, type Rule, valid } from "./rule.ts";

const speedIsReal: Rule = ({ settings: { environment, monitoring } }) =>
    environment !== "production" || monitoring.speed === 1
        ? valid
        : invalid(
              "monitoring.speed",
              `is ${monitoring.speed}: production has alerts of their real windows`,
              set("monitoring.speed", 1),
          );

export const monitoringRules: readonly Rule[] = [speedIsReal];
