/** Each alert in Prometheus' own evaluation: it fires with its cause, and not without. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { ruleGroups } from "../../../components/alerts/index.ts";
import { alertNames } from "../../../config/monitoring.ts";
import { watchedOf } from "../../../config/watched.ts";
import { command } from "../../../local/cluster/command.ts";
import { type Change, parseStack, root } from "../../support/configuration.ts";
import { prometheusTools } from "../../support/prometheus.ts";
import { backupsToS3 } from "../broken/backups.ts";
import { type Case, cases, type Series } from "./cases.ts";

type Groups = ReturnType<typeof ruleGroups>;

/** The rules of production with backups and exporters, and a change. */
function groupsOf(change: Change = {}): Groups {
    const exporters = { "monitoring.enabled": true, "postgresExporter.enabled": true, "redisExporter.enabled": true };
    const { settings, secrets, errors } = parseStack("production", { ...backupsToS3, ...exporters, ...change });
    if (settings === undefined) throw new Error(JSON.stringify(errors));
    return ruleGroups({
        release: { system: "tradestream", releaseName: settings.releaseName },
        namespace: settings.namespace,
        config: settings.monitoring,
        watched: watchedOf(settings, secrets),
    });
}

const rulesOf = (groups: Groups) => groups.flatMap(({ rules }) => rules);
const namesOf = (groups: Groups) => [...new Set(rulesOf(groups).map(({ alert }) => alert))];

describe("alerts", function () {
    this.timeout(120_000);
    const groups = groupsOf();
    let promtool: string;
    let directory: string;

    before(async () => {
        directory = mkdtempSync(path.join(os.tmpdir(), "tradestream-alerts-"));
        ({ promtool } = await prometheusTools());
    });

    after(() => rmSync(directory, { recursive: true }));

    function write(name: string, content: unknown): string {
        const file = path.join(directory, name);
        writeFileSync(file, JSON.stringify(content));
        return file;
    }

    /** Fails with what promtool says unless the alert is there with its cause, with exactly its labels, and not without. */
    async function expectAlert(name: string, { both = {}, cause, control, interval = "1m", at, labels = {} }: Case) {
        const rules = groups.map((group) => ({ ...group, rules: group.rules.filter(({ alert }) => alert === name) }));
        const { severity } = rulesOf(rules)[0]!.labels;
        const expr = `ALERTS{alertname="${name}",alertstate="firing"}`;
        const all = { alertname: name, alertstate: "firing", namespace: "tradestream", severity, ...labels };
        const text = Object.entries(all).map(([label, value]) => `${label}="${value}"`);
        const firing = [{ labels: `ALERTS{${text.join(",")}}`, value: 1 }];
        const test = (series: Series, samples: readonly object[]) => ({
            interval,
            input_series: Object.entries({ ...both, ...series }).map(([series, values]) => ({ series, values })),
            promql_expr_test: [{ expr, eval_time: at, exp_samples: samples }],
        });
        const file = write("test.yaml", {
            rule_files: [write("rules.yaml", { groups: rules.filter(({ rules }) => rules.length > 0) })],
            evaluation_interval: interval,
            tests: [test(cause, firing), test(control, [])],
        });
        await command(promtool, "test", "rules", file);
    }

    it("are valid rules of Prometheus, and would not be with a wrong expression", async () => {
        await command(promtool, "check", "rules", "--lint-fatal", write("all.yaml", { groups }));
        const [first, ...rest] = groups;
        const wrong = { ...first, rules: [{ ...first!.rules[0], expr: "sum(rate(x[5m])" }] };
        const refusal = await command(
            promtool,
            "check",
            "rules",
            write("wrong.yaml", { groups: [wrong, ...rest] }),
        ).catch((error: unknown) => String(error));
        expect(refusal).to.include("unclosed left parenthesis");
    });

    it("are those of the configuration, each with a runbook section and no section without an alert", () => {
        expect(namesOf(groups)).to.have.members([...alertNames]);
        const page = readFileSync(path.join(root, "docs/monitoring.md"), "utf8");
        const sections = [...page.matchAll(/^### (TradeStream\w+)$/gm)].map(([, name]) => name);
        expect(sections).to.deep.equal(namesOf(groups));
        for (const { alert, annotations } of rulesOf(groups))
            expect(annotations.runbook_url).to.equal(`docs/monitoring.md#${alert.toLowerCase()}`);
    });

    for (const [name, given] of Object.entries(cases)) {
        const all = "cause" in given ? { "": given as Case } : given;
        for (const [title, one] of Object.entries(all)) {
            it(`${name} ${title} fires with its cause, and not without`, async () => {
                await expectAlert(name, one);
            });
        }
    }
});
