import { expect } from "chai";
import { secretKeys } from "../../config/secrets.ts";
import { requiredSecrets } from "../support/configuration.ts";
import { runProgram } from "../support/mocks.ts";
import { objectsOf, secretData } from "../support/objects.ts";

const given = Object.keys(requiredSecrets);
const withoutRequired = Object.fromEntries(given.map((key) => [key, undefined]));

async function failure(run: Promise<unknown>): Promise<Error> {
    try {
        await run;
    } catch (error) {
        return error as Error;
    }
    throw new Error("the program was expected to fail");
}

describe("loading the configuration", () => {
    it("refuses a broken one with all its errors, before anything is registered", async () => {
        const error = await failure(runProgram("production", { zebra: "1", "gatewayApi.service.port": 0 }));
        expect(error.name).to.equal("Error");
        expect((error as { __pulumiRunError?: boolean }).__pulumiRunError).to.equal(true);
        expect(error.message.split("\n").filter((line) => line !== "")).to.deep.equal([
            "The configuration of stack production has 2 errors; nothing was changed.",
            "  zebra is not a known key",
            "      pulumi config rm --stack production zebra",
            "  gatewayApi.service.port must be 1 or more, is 0",
            "      pulumi config set --stack production --path gatewayApi.service.port '<integer>'",
        ]);
    });

    it("names keys of a misspelt project and unknown keys without a value; leaves those of other packages alone", async () => {
        const change = {
            "tradestreem:namespace": "x",
            "tradestreem:resendApiKey": "s3cr3t",
            "kubernetes:context": "production",
            "aws:region": "eu",
            zebra: "",
            "policy.config": "policies.json",
        };
        const error = await failure(runProgram("staging", change));
        const problem = "belongs to the project tradestreem, and this one is tradestream: the program does not read it";
        expect(error.message.split("\n").filter((line) => line !== "")).to.deep.equal([
            "The configuration of stack staging has 5 errors; nothing was changed.",
            `  tradestreem:namespace ${problem}`,
            "      pulumi config rm --stack staging tradestreem:namespace && pulumi config set --stack staging namespace '<namespace>'",
            `  tradestreem:resendApiKey ${problem}`,
            "      pulumi config rm --stack staging tradestreem:resendApiKey && pulumi config set --stack staging --secret resendApiKey",
            "  kubernetes:context is for Pulumi's default provider, which this program does not use: it does not read it",
            "      pulumi config rm --stack staging kubernetes:context && pulumi config set --stack staging context '<context>'",
            "  zebra is not a known key",
            "      pulumi config rm --stack staging zebra",
            "  policy.config is policies.json, which does not exist",
            "      pulumi config set --stack staging --path policy.config policy-config.json",
        ]);
    });

    it("warns of secrets in plain text, by name", async () => {
        const { warnings } = await runProgram("production", {}, { encrypted: ["resendApiKey", "googleClientId"] });
        expect(warnings).to.deep.equal([
            "These secrets are given in plain text: googleClientSecret, githubClientId, githubClientSecret. " +
                "Encrypt each with: pulumi config set --stack production --secret <key>",
        ]);
    });

    it("warns of none where all are encrypted, and never on one's own machine", async () => {
        expect((await runProgram("production", {}, { encrypted: [...secretKeys] })).warnings).to.deep.equal([]);
        expect((await runProgram("local")).warnings).to.deep.equal([]);
    });

    it("warns of a production that nothing protects", async () => {
        const { warnings } = await runProgram("production", { protect: false }, { encrypted: [...secretKeys] });
        expect(warnings).to.deep.equal([
            "protect is false: nothing keeps `pulumi destroy` from deleting production with its data. " +
                "Set it again with: pulumi config set --stack production protect true",
        ]);
    });

    it("refuses encrypted values that would end in plain text", async () => {
        const change = { "gatewayApi.env": { STRIPE_KEY: "s3cr3t" } };
        const error = await failure(runProgram("production", change, { encrypted: ["gatewayApi"] }));
        expect(error.message).to.include("gatewayApi is encrypted").and.not.include("s3cr3t");
    });

    it("takes placeholders for required secrets in a preview", async () => {
        const change = { ...withoutRequired, placeholderSecrets: true };
        const program = await runProgram("production", change, { preview: true });
        expect(Object.values(secretData(program, "tradestream-oauth-secrets"))).to.deep.equal(
            Array.from({ length: 4 }, () => "placeholder"),
        );
        expect(objectsOf(program, "Secret").every(({ secretPaths }) => secretPaths[0] === "data")).to.equal(true);
    });

    it("lets no placeholder be deployed", async () => {
        const error = await failure(runProgram("production", { ...withoutRequired, placeholderSecrets: true }));
        expect(error.message).to.include("placeholderSecrets is true").and.include("resendApiKey is missing");
    });

    it("takes given secrets rather than placeholders", async () => {
        const program = await runProgram("production", { placeholderSecrets: true }, { preview: true });
        expect(secretData(program, "tradestream-oauth-secrets")["google-client-id"]).to.equal(
            requiredSecrets.googleClientId,
        );
    });
});
