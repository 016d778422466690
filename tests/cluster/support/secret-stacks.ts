/** Stack files whose secrets are encrypted and known to the test, in a project that is this one but for them. */
import fs from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import { createCrypter, type Crypter } from "../../../local/engine/secrets/passphrase.ts";
import { configuration, type Change } from "../../support/configuration.ts";
import { root } from "./commands.ts";

/** Marks a text that the stack file encrypts. */
export class Secret {
    readonly text: string;

    constructor(text: string) {
        this.text = text;
    }
}

/** A directory with links to everything of this project but its stacks. Its stacks share one passphrase. */
export class SecretProject {
    readonly directory: string;
    readonly passphraseFile: string;
    readonly #crypter: Promise<Crypter>;

    constructor(directory: string, passphrase: string) {
        this.directory = path.join(directory, "project");
        this.passphraseFile = path.join(directory, "passphrase");
        fs.mkdirSync(this.directory);
        fs.writeFileSync(this.passphraseFile, passphrase, { mode: 0o600 });
        for (const name of fs.readdirSync(root)) {
            if (/^Pulumi\..+\.yaml$/.test(name) || name.startsWith(".")) continue;
            fs.symlinkSync(path.join(root, name), path.join(this.directory, name));
        }
        this.#crypter = createCrypter(passphrase);
    }

    /** Writes a stack: the local one with a change, in which {@link Secret}s are encrypted, as `pulumi config set --secret --path` does. */
    async write(stack: string, change: Change): Promise<void> {
        const crypter = await this.#crypter;
        const config = Object.entries(configuration("local", change)).map(
            ([key, value]) => [`tradestream:${key}`, encrypted(value, crypter)] as const,
        );
        const file = { encryptionsalt: crypter.saltText, config: Object.fromEntries(config) };
        fs.writeFileSync(path.join(this.directory, `Pulumi.${stack}.yaml`), stringify(file));
    }

    /** Every text that a state file has encrypted under generated values: resources of the provider `random`. */
    async generated(stateFile: string): Promise<readonly string[]> {
        const crypter = await this.#crypter;
        interface Deployment {
            readonly deployment: {
                readonly resources: readonly { readonly type: string; readonly outputs?: unknown }[];
            };
        }
        const { deployment } = JSON.parse(fs.readFileSync(stateFile, "utf8")) as Deployment;
        return deployment.resources
            .filter(({ type }) => type.startsWith("random:"))
            .flatMap(({ outputs }) => [...JSON.stringify(outputs).matchAll(/"ciphertext":"([^"]+)"/g)])
            .map(([, ciphertext]) => JSON.parse(crypter.decrypt(ciphertext!)) as unknown)
            .filter((value) => typeof value === "string");
    }
}

function encrypted(value: unknown, crypter: Crypter): unknown {
    if (value instanceof Secret) return { secure: crypter.encrypt(value.text) };
    if (Array.isArray(value)) return value.map((item) => encrypted(item, crypter));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encrypted(item, crypter)]));
}
