/** A paused service runs no pods, keeps everything else, and comes back with the pods that it is to start with. */
import { expect } from "chai";
import { type Program, runProgram } from "../../support/mocks.ts";
import { find, inputsOf, type Kind } from "../../support/objects.ts";
import { mandatoryFindings } from "../../support/policies.ts";

const api = "tradestream-gateway-api";
const dashboard = "tradestream-agent-dashboard";
const worker = "tradestream-notification-worker";

/** Inputs of all objects, by URN, without those of some kinds. */
function objects({ resources }: Program, without: readonly string[]): Readonly<Record<string, unknown>> {
    const left = resources.filter(({ custom, type }) => custom && !without.some((kind) => type.endsWith(`:${kind}`)));
    return Object.fromEntries(left.map(({ urn, inputs }) => [urn, inputs]));
}

describe("a paused service", () => {
    const pods = (program: Program, name: string) => inputsOf(program, "Deployment", name)["spec"]!["replicas"];
    let running: Program;
    let paused: Program;

    before(async () => {
        // It asks other services then.
        const untested = { "smokeTest.enabled": false };
        running = await runProgram("production", untested);
        paused = await runProgram("production", {
            ...untested,
            "gatewayApi.paused": true,
            "agentDashboard.paused": true,
            "notificationWorker.paused": true,
        });
    });

    it("has no pods, and nothing that would start or count any", () => {
        for (const name of [api, dashboard]) {
            expect(pods(paused, name), name).to.equal(0);
            for (const kind of ["HorizontalPodAutoscaler", "PodDisruptionBudget"] satisfies Kind[])
                expect(find(paused, kind, name), `${kind} ${name}`).to.equal(undefined);
        }
        expect(inputsOf(paused, "CronJob", worker)["spec"]!["suspend"]).to.equal(true);
        expect(inputsOf(running, "CronJob", worker)["spec"]!["suspend"]).to.equal(false);
    });

    it("keeps everything else", () => {
        const changed = ["Deployment", "CronJob", "HorizontalPodAutoscaler", "PodDisruptionBudget"];
        const kept = objects(running, changed);
        expect(objects(paused, changed)).to.deep.equal(kept);
        expect(Object.keys(kept)).to.have.length.above(20);
        expect(inputsOf(paused, "Deployment", api)["spec"]!["template"]).to.deep.equal(
            inputsOf(running, "Deployment", api)["spec"]!["template"],
        );
    });

    it("is replaced where an autoscaler decides: neither 0 nor the first number of pods would be taken in place", () => {
        const [before, during] = [running, paused].map((program) => find(program, "Deployment", api)!);
        expect(before).to.include({ replacementTrigger: false, deleteBeforeReplace: true });
        expect(during).to.include({ replacementTrigger: true, deleteBeforeReplace: true });
        expect(before!.ignoreChanges).to.deep.equal(["spec.replicas"]);
        expect(during!.ignoreChanges).to.deep.equal([]);
        for (const program of [running, paused])
            expect(find(program, "Deployment", dashboard)).to.include({
                replacementTrigger: undefined,
                deleteBeforeReplace: false,
            });
    });

    it("is a warning in production, with the command that resumes it, and none elsewhere", async () => {
        expect(paused.warnings.join("\n")).to.include(
            "Paused in production, without any pod: gatewayApi, agentDashboard, notificationWorker. Resume each with: " +
                "pulumi config set --stack production --path <service>.paused false",
        );
        expect(running.warnings.join("\n")).to.not.include("Paused");
        const staging = await runProgram("staging", { "gatewayApi.paused": true });
        expect(staging.warnings.join("\n")).to.not.include("Paused");
    });

    it("breaks no mandatory policy", () => {
        expect(mandatoryFindings("production", paused)).to.deep.equal(mandatoryFindings("production", running));
    });
});
