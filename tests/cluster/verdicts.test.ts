/**
 * The policy pack and the configuration beside a real API server: what the server refuses in a dry run, they refuse
 * before; and the pack refuses nothing for its form that the server takes. Exceptions are listed with their reasons.
 */
import { createRequire } from "node:module";
import { expect } from "chai";

import { createReport } from "../../local/report.ts";
import { ensureTools } from "../../local/tools/index.ts";
import { check, type Finding } from "../../policy-pack/check.ts";
import { fromManifests } from "../../policy-pack/model/object.ts";
import { RULES } from "../../policy-pack/rules/index.ts";
import { parseSettings, type Settings } from "../../policy-pack/settings.ts";
import { record } from "../evidence.ts";
import { TODAY } from "../policy/stack.ts";
import { parseStack } from "../support/configuration.ts";
import { kubectl } from "./support/commands.ts";
import { collected, mutated, valid, type Candidate } from "./support/candidates.ts";
import { changes, objectsOfProgram } from "./support/configurations.ts";
import { isSoak } from "./support/tradestream.ts";
import { type Body, type Verdict, verdicts } from "./support/verdicts.ts";

// Objects that the guard holds back wait for ever; the SDK, whose runtime comes without types, would report them.
const { leakedPromises } = createRequire(import.meta.url)("@pulumi/pulumi/runtime/debuggable.js") as {
    readonly leakedPromises: () => unknown;
};

const namespace = "verdicts-test";
const MUTATIONS = 1500;
const CONFIGURATIONS = isSoak ? 2000 : 200;
const SEED = 20261128;

/** Rules that say what the API server says. A finding of any other rule may be there by chance. */
const SAYS_THE_SAME = new Set([
    "object-shape",
    "removed-api",
    "selector-match",
    "request-within-limit",
    "probe-handler",
    "restart-policy",
    "container-ports",
    "autoscaler-target",
    "ingress-backend",
]);

/** What the API server refuses for a reason that is not in the object. */
const NOT_IN_THE_OBJECT: readonly { readonly why: string; readonly is: (verdict: Verdict, of: Body) => boolean }[] = [
    {
        why: "the kind is one that the test's cluster has no definition of; the pack counts it as not covered",
        is: ({ code, message }) => code === 404 && /no matches for kind \S+ in \S+\.\S+\//.test(message),
    },
    {
        why: "another object is missing in the cluster, which an update may make before",
        is: ({ code, message }) => code === 403 && /not found|no PriorityClass/.test(message),
    },
    {
        why: "definitions come with an implementation, in its version, and only if a suite before needs one",
        is: (_, { apiVersion }) => /^(gateway\.networking\.k8s|cert-manager)\.io\//.test(String(apiVersion)),
    },
];

/** What server-side apply alone refuses, as Pulumi does it; here the pack sees manifests. */
const APPLY_ALONE = /duplicate entries for key/;

/** What the pack refuses although the API server takes it. */
const STRICTER: readonly { readonly why: string; readonly is: (finding: Finding) => boolean }[] = [
    {
        why: "the API server does not look at labels of objects that a controller makes; the controller's request is refused later",
        is: ({ path }) => /^spec\.(volumeClaimTemplates\[\d+\]|jobTemplate)\.metadata\.(labels|annotations)/.test(path),
    },
    {
        why: "the API server takes a number beyond 32 bits for another, negative one",
        is: ({ path, message }) => path === "spec.revisionHistoryLimit" && message === "must be at most 2147483647",
    },
    {
        why: "the API server drops what it does not know by default (a feature is off), or has no use for",
        is: ({ path }) => /^spec\.(updateStrategy\.rollingUpdate\.maxUnavailable|dataSource\.(kind|name))$/.test(path),
    },
];

/** No objects where the program's guard refuses the configuration; any other error is one. */
function refusedByGuard(error: unknown): readonly Candidate["body"][] {
    if (error instanceof Error && error.message.startsWith("The program breaks")) return [];
    throw error;
}

/** Only those rules run: thousands of objects are checked. */
const others = Object.fromEntries(
    RULES.filter(({ name }) => !SAYS_THE_SAME.has(name)).map(({ name }) => [name, "disabled"]),
);
const usual = parseSettings({ rules: others }, TODAY);

function refusals({ body }: Candidate, settings: Settings): readonly Finding[] {
    return check(fromManifests([body]), settings).findings.filter(({ level }) => level === "mandatory");
}

describe("verdicts", function () {
    this.timeout(isSoak ? 3_600_000 : 300_000);

    before(() => kubectl("create", "namespace", namespace));

    after(async () => {
        await kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false");
    });

    async function compare(
        candidates: readonly Candidate[],
        settings = usual,
    ): Promise<{ refused: number; missed: string[]; wrong: string[] }> {
        const said = await verdicts(
            candidates.map(({ body }) => body),
            namespace,
        );
        const [missed, wrong]: [string[], string[]] = [[], []];
        let refused = 0;
        for (const [index, candidate] of candidates.entries()) {
            const verdict = said[index]!;
            const found = refusals(candidate, settings);
            if (verdict.code >= 300) {
                if (
                    NOT_IN_THE_OBJECT.some(({ is }) => is(verdict, candidate.body)) ||
                    APPLY_ALONE.test(verdict.message)
                )
                    continue;
                refused++;
                // What is no object at all is an error of the reader, before any rule.
                const isObject = fromManifests([candidate.body]).length > 0;
                if (isObject && found.length === 0) missed.push(`${candidate.from}: ${verdict.message}`);
            } else
                for (const finding of found.filter(({ rule }) => rule === "object-shape"))
                    if (!STRICTER.some(({ is }) => is(finding)))
                        wrong.push(`${candidate.from}: ${finding.path}: ${finding.message}`);
        }
        return { refused, missed, wrong };
    }

    it("agree on valid objects of all kinds", async () => {
        const candidates = valid();
        expect(candidates).to.have.length.greaterThan(150);
        expect(await compare(candidates)).to.deep.equal({ refused: 0, missed: [], wrong: [] });
    });

    it(`agree on ${MUTATIONS} objects with one field changed`, async () => {
        const { refused, missed, wrong } = await compare(mutated(MUTATIONS, SEED));
        expect(missed, "refused by the API server alone").to.deep.equal([]);
        expect(wrong, "refused by the pack alone").to.deep.equal([]);
        expect(refused).to.be.greaterThan(MUTATIONS / 2);
        record({
            suite: "Verdicts",
            name: `Objects with one field changed that the API server refuses, of ${MUTATIONS}: refused by the policy pack before`,
            value: refused,
            requirement: "all",
        });
    });

    it("agree on the objects of the rules' tests and of public reports", async () => {
        const { refused, missed, wrong } = await compare(collected());
        expect(missed, "refused by the API server alone").to.deep.equal([]);
        expect(wrong, "refused by the pack alone").to.deep.equal([]);
        expect(refused).to.be.greaterThan(200);
    });

    it(`agree on what ${CONFIGURATIONS} configurations with one value changed lead to`, async () => {
        const { helm } = await ensureTools(["helm"], createReport());
        const accepted = changes(CONFIGURATIONS, SEED).filter(
            (change) => parseStack("staging", change).errors.length === 0,
        );
        expect(accepted).to.have.length.within(CONFIGURATIONS / 20, CONFIGURATIONS / 2);
        const seen = new Set<string>();
        const candidates: Candidate[] = [];
        for (const change of accepted) {
            for (const body of await objectsOfProgram("staging", change, helm).catch(refusedByGuard)) {
                const text = JSON.stringify(body);
                if (!seen.has(text)) candidates.push({ from: JSON.stringify(change), body });
                seen.add(text);
            }
        }
        leakedPromises();
        expect(candidates).to.have.length.greaterThan(40);
        expect(await compare(candidates)).to.deep.equal({ refused: 0, missed: [], wrong: [] });
        record({
            suite: "Verdicts",
            name: `Configurations with one value changed, of ${CONFIGURATIONS}, that are accepted: objects that the API server refuses`,
            value: 0,
            requirement: "0",
        });
    });

    it("would not agree with a pack that lacks the rule", async () => {
        const blind = parseSettings({ rules: { ...others, "object-shape": "disabled" } }, TODAY);
        const { missed } = await compare(mutated(100, SEED), blind);
        expect(missed).to.have.length.greaterThan(20);
    });
});
