import { expect } from "chai";
import { secretOwners } from "../../../config/secrets.ts";
import { type Program, runProgram } from "../../support/mocks.ts";
import { objectName, objectsOf, podOf, type Tree } from "../../support/objects.ts";
import { programOf } from "../../support/programs.ts";
import { ciphertext, madeByOperators } from "../../support/secretSources.ts";

const annotationsOf = (program: Program): Tree =>
    podOf(program, "CronJob", "tradestream-notification-worker")["metadata"]!["annotations"]!;

describe("Secrets that operators make", () => {
    let own: Program;
    let made: Program;

    before(async () => {
        own = await programOf("production");
        made = await runProgram("production", madeByOperators);
    });

    it("have the names and keys of those that the program would create, and it creates none of them", () => {
        const keysOf = ({ inputs }: { readonly inputs: unknown }): readonly string[] => {
            const { data, spec } = inputs as {
                readonly data?: object;
                readonly spec?: { readonly encryptedData?: object; readonly data?: readonly { secretKey: string }[] };
            };
            const keys =
                spec?.data?.map(({ secretKey }) => secretKey) ?? Object.keys(data ?? spec?.encryptedData ?? {});
            return keys.filter((key) => key !== "jwt-secret-previous").sort();
        };
        const all = (program: Program) =>
            (["Secret", "ExternalSecret", "SealedSecret"] as const)
                .flatMap((kind) => objectsOf(program, kind))
                .map((object) => [objectName(object), keysOf(object)] as const)
                .sort(([a], [b]) => (a < b ? -1 : 1));
        expect(all(made)).to.deep.equal(all(own));
        expect(objectsOf(made, "Secret").map(objectName)).to.deep.equal(["tradestream-database-secrets"]);
        const { loggingSecrets, ...ofServices } = secretOwners;
        expect(loggingSecrets.data, "in the namespace of the agent").to.deep.equal(["authorization"]);
        for (const { data } of Object.values(ofServices))
            expect(all(made).map(([, keys]) => keys)).to.deep.include([...data].sort());
    });

    it("roll the pods with another ciphertext", async () => {
        const checksum = "checksum/notification-secrets";
        const sealedSecret = { "vapid-private-key": `B${ciphertext}`, "vapid-public-key": ciphertext };
        const changed = { create: false, sealedSecret };
        const after = await runProgram("production", { ...madeByOperators, notificationSecrets: changed });
        expect(annotationsOf(made)[checksum]).to.match(/^[0-9a-f]{64}$/);
        expect(annotationsOf(after)[checksum]).to.not.equal(annotationsOf(made)[checksum]);
        // What an external one holds is not known here.
        expect(annotationsOf(made)).to.not.have.property("checksum/auth-secrets");
    });
});
