/** The engine reads what the official CLI encrypts, and hides what it must. */
import { expect } from "chai";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createCrypter, openCrypter } from "../../local/engine/secrets/passphrase.ts";
import { mergeConfig, parseConfigArguments, readProject, readStackFile } from "../../local/engine/project.ts";
import { readable } from "../../local/engine/secrets/readable.ts";
import { Redactor } from "../../local/engine/redact.ts";

/** Written by the official CLI (v3.260.0-dev) with `pulumi config set --secret`. */
const official = {
    passphrase: "correct horse battery",
    stack: `encryptionsalt: v1:fnKtQi+7Xyk=:v1:KqefVjf18NAr3vYe:OLJ6ga+kTu5YTgnjMOxD7gDn1rXlKg==
config:
  vec:plainsecret:
    secure: v1:DQbkXdJw+ZQsCceJ:W7eWXGC2YHLcFxl4e5RQ7Azm0Z4ieoZu5xzIHeE=
  vec:outer:
    list:
      - secure: v1:g+I0lX1/HgAK3lPr:ziud8sIy2R7xp/2yKlrH2LtpgYV/4jJVdyz8chI=
    open: "yes"
`,
};

describe("engine: secrets and configuration", () => {
    let directory: string;

    beforeEach(() => {
        directory = fs.mkdtempSync(path.join(os.tmpdir(), "engine-config-"));
    });

    afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

    function project(
        schema: string,
        stack: string,
    ): { merge: (args?: string[]) => Map<string, { text: string; secret: boolean }> } {
        fs.writeFileSync(path.join(directory, "Pulumi.yaml"), `name: vec\nruntime: nodejs\n${schema}`);
        fs.writeFileSync(path.join(directory, "Pulumi.s.yaml"), stack);
        const read = readProject(directory);
        return {
            merge: (args = []) =>
                mergeConfig(
                    read,
                    readable(readStackFile(read, "s"), false).stackFile,
                    parseConfigArguments(args),
                    undefined,
                ),
        };
    }

    it("decrypts what the official CLI has encrypted, nested values too", async () => {
        project("", official.stack);
        const read = readProject(directory);
        const stackFile = readStackFile(read, "s");
        const crypter = await openCrypter(official.passphrase, stackFile.encryptionSalt ?? "", "here");
        const config = mergeConfig(read, stackFile, parseConfigArguments([]), crypter);
        expect(config.get("vec:plainsecret")).to.deep.equal({
            text: "pässwörd: 1",
            secret: true,
            hidden: ["pässwörd: 1"],
        });
        expect(config.get("vec:outer")).to.deep.equal({
            text: '{"list":["nested-secret"],"open":"yes"}',
            secret: true,
            hidden: ["nested-secret"],
        });
    });

    it("refuses a wrong passphrase with one clear sentence", async () => {
        const salt = /encryptionsalt: (.*)/.exec(official.stack)?.[1] ?? "";
        const error = await openCrypter("wrong", salt, "Pulumi.s.yaml").catch((thrown: Error) => thrown);
        expect(error)
            .to.be.instanceOf(Error)
            .with.property("message")
            .that.matches(/^Pulumi\.s\.yaml: wrong passphrase; set PULUMI_CONFIG_PASSPHRASE/);
    });

    it("encrypts and decrypts its own, and notices a changed ciphertext", async () => {
        const crypter = await createCrypter("a");
        const ciphertext = crypter.encrypt("hidden ünïcode");
        expect(ciphertext).not.to.include("hidden");
        expect(crypter.decrypt(ciphertext)).to.equal("hidden ünïcode");
        const [version, nonce, sealed = ""] = ciphertext.split(":");
        const bytes = Buffer.from(sealed, "base64");
        bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
        expect(() => crypter.decrypt([version, nonce, bytes.toString("base64")].join(":"))).to.throw();
    });

    it("merges defaults, the stack's file and the command line, in this order", () => {
        const { merge } = project(
            "config:\n  a: {type: string, default: one}\n  b: {type: integer, default: 1}\n  kubernetes:context: {value: c}\n",
            "config:\n  vec:b: 2\n  vec:o: {x: [1, true]}\n",
        );
        const config = merge(["a=two=2", "other:key=v"]);
        expect(Object.fromEntries([...config].map(([key, value]) => [key, value.text]))).to.deep.equal({
            "vec:a": "two=2",
            "vec:b": "2",
            "vec:o": '{"x":[1,true]}',
            "kubernetes:context": "c",
            "other:key": "v",
        });
    });

    it("reports all faults of a configuration at once", () => {
        const { merge } = project(
            "config:\n  a: {type: string}\n  b: {type: integer, default: 1}\n  c: {description: d}\n  d: {type: string, secret: true}\n  e: {type: object, default: {}}\n",
            "config:\n  vec:b: 1.5\n  vec:d: plain\n  vec:e: text\n",
        );
        expect(merge).to.throw(
            /a is missing[^]*b must be of type integer[^]*c is missing[^]*d is a secret and must be encrypted[^]*e must be of type object/,
        );
    });

    for (const [what, stack, message] of [
        ["broken YAML", "config: [", /Pulumi\.s\.yaml is not valid YAML/],
        ["another secrets provider", "secretsprovider: awskms://x\n", /decrypts with a passphrase only/],
        [
            "a secret without a salt",
            "config:\n  vec:a: {secure: v1:x:y}\n",
            /vec:a: is encrypted, but the file has no encryptionsalt/,
        ],
    ] as const) {
        it(`refuses ${what}`, () => {
            const { merge } = project("", stack);
            expect(merge).to.throw(message);
        });
    }

    for (const argument of ["nokey", "=value", "a b=c"]) {
        it(`refuses --config ${argument}`, () =>
            expect(() => parseConfigArguments([argument])).to.throw(/expected key=value/));
    }

    it("hides known secrets in every form in which they turn up", () => {
        const redactor = new Redactor();
        redactor.add('p"ss w/rd+1');
        redactor.add("true");
        const encoded = Buffer.from('p"ss w/rd+1').toString("base64");
        const text = `p"ss w/rd+1 ${encoded} ${encodeURIComponent('p"ss w/rd+1')} ${JSON.stringify('p"ss w/rd+1')} true`;
        expect(redactor.redact(text)).to.equal('[secret] [secret] [secret] "[secret]" true');
    });

    it("hides what a kubeconfig gives away, and not the words that all YAML has", () => {
        const redactor = new Redactor();
        redactor.add("kind: Config\nusers:\n  - name: me\n    user:\n      token: 0123456789abcdef\n");
        expect(redactor.redact("kind: Config\n  - name: me\ntoken is 0123456789abcdef")).to.equal(
            "kind: Config\n  - name: me\ntoken is [secret]",
        );
    });
});
