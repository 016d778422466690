/** Writes a state over and over, until it is killed. The argument is the state's file. */
import process from "node:process";
import { createCrypter } from "../../local/engine/secrets/passphrase.ts";
import { readState } from "../../local/engine/state/file.ts";
import { StateStore } from "../../local/engine/state/store.ts";
import type { ResourceState } from "../../local/engine/state/types.ts";

const file = process.argv[2] ?? "";
const fresh = {
    file,
    saltText: undefined,
    hasSecrets: false,
    decode: () => ({ resources: [], pendingOperations: [] }),
};
const store = StateStore.open(
    process.argv[3] === "continue" ? readState(file) : fresh,
    await createCrypter("p"),
    "3.0.0",
);
for (let index = 0; ; index++) {
    const state: ResourceState = {
        urn: `urn:pulumi:s::p::t::${index % 200}`, type: "t", custom: true, id: String(index), inputs: { text: "x".repeat(2000) }, outputs: {},
        parent: "", protect: false, dependencies: [], propertyDependencies: {}, provider: "", initErrors: [], additionalSecretOutputs: [],
        retainOnDelete: false, customTimeouts: {}, delete: false, pendingReplacement: false, created: undefined, modified: undefined,
    }; // prettier-ignore
    const operation = await store.begin("creating", state);
    store.put(state);
    await store.end(operation);
    if (index === 0) process.stdout.write("writing\n");
}
