import { expect } from "chai";
import { RandomProvider } from "../../local/engine/providers/random.ts";
import type { StepContext } from "../../local/engine/providers/types.ts";
import type { ResourceState } from "../../local/engine/state/types.ts";
import { plainValues, type Values } from "../../local/engine/values.ts";
import { resourceState } from "../support/resource-state.ts";

const context: StepContext = {
    urn: "urn:pulumi:s::p::random:index/randomPassword:RandomPassword::n",
    type: "random:index/randomPassword:RandomPassword",
    name: "n",
    timeout: undefined,
    signal: new AbortController().signal,
    progress: () => undefined,
    detailed: false,
};

const inputs: Values = { length: 64, special: false };
const provider = new RandomProvider();

function stored(old: Values): ResourceState {
    const { urn, type } = context;
    return resourceState({ urn, type, id: "none", inputs: old, outputs: { ...old, result: "kept" } });
}

async function operation(old: Values, wanted: Values): Promise<string> {
    return (await provider.plan(stored(old), await provider.check(wanted), context)).operation;
}

describe("generated values", () => {
    it("follow what is asked for", async () => {
        const plan = await provider.plan(undefined, inputs, context);
        const { outputs } = await provider.create(await provider.check(inputs), plan, context);
        expect(plainValues(outputs)["result"]).to.match(/^[A-Za-z0-9]{64}$/);
    });

    it("differ each time", async () => {
        const plan = await provider.plan(undefined, inputs, context);
        const [one, other] = [
            await provider.create(inputs, plan, context),
            await provider.create(inputs, plan, context),
        ];
        expect(plainValues(one.outputs)["result"]).to.not.equal(plainValues(other.outputs)["result"]);
    });

    it("keep their inputs as they are given, without defaults", async () => {
        expect(await provider.check(inputs)).to.deep.equal(inputs);
    });

    it("stay when a state of the official CLI has no defaults, and when an old one of ours has them", async () => {
        expect(await operation({ length: 64, special: false }, inputs)).to.equal("same");
        expect(
            await operation({ length: 64, special: false, lower: true, minLower: 0, numeric: true }, inputs),
        ).to.equal("same");
    });

    it("are made anew when something else is asked for", async () => {
        expect(await operation({ length: 32, special: false }, inputs)).to.equal("replace");
        expect(await operation({ length: 64 }, inputs)).to.equal("replace");
    });
});
