import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { kubectlFor } from "../../scripts/kubectl.ts";
import { kubeconfigFile } from "../../scripts/platform/stacks.ts";
import { type Change, parseStack } from "../support/configuration.ts";
import { silent } from "../support/reports.ts";

const config = (current: string, ...names: readonly string[]): string =>
    JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": current,
        contexts: names.map((name) => ({ name, context: { cluster: name, user: name } })),
        users: [{ name: "a", user: { token: "s3cr3t-4711" } }],
    });

describe("the kubeconfig of a run", () => {
    const before = process.env["KUBECONFIG"];
    let directory: string;
    let file: string;

    beforeEach(() => {
        directory = mkdtempSync(path.join(os.tmpdir(), "tradestream-kubeconfig-"));
        file = path.join(directory, "config");
        process.env["KUBECONFIG"] = [path.join(directory, "absent"), file].join(path.delimiter);
    });
    afterEach(() => {
        rmSync(directory, { recursive: true });
        if (before === undefined) delete process.env["KUBECONFIG"];
        else process.env["KUBECONFIG"] = before;
    });

    const errorsOf = (change: Change, usesCluster = true) => {
        const { errors } = parseStack("production", change, { usesCluster });
        expect(JSON.stringify(errors)).to.not.include("s3cr3t");
        return errors.map(({ key, problem, fix }) => [key, problem, fix]);
    };

    it("must have the context that the stack names", () => {
        writeFileSync(file, config("a", "a", "production-eu"));
        expect(errorsOf({ context: "production-eu" })).to.deep.equal([]);
        expect(errorsOf({ context: "production-ue" })).to.deep.equal([
            [
                "context",
                "is production-ue, and the kubeconfig has only a, production-eu",
                "pulumi config set context production-eu",
            ],
        ]);
        expect(errorsOf({ context: "production-ue" }, false)).to.deep.equal([]);
    });

    it("may be a file or a text of the stack's own", () => {
        const text = config("", "b");
        writeFileSync(file, text);
        for (const kubeconfig of [file, text]) {
            expect(errorsOf({ kubeconfig, context: "b" })).to.deep.equal([]);
            expect(errorsOf({ kubeconfig, context: "x" })).to.have.length(1);
            expect(errorsOf({ kubeconfig })).to.deep.equal([
                ["context", "is missing: the kubeconfig has no current context", "pulumi config set context b"],
            ]);
        }
        expect(errorsOf({ kubeconfig: config("b", "b") })).to.deep.equal([]);
    });

    it("must be there, and YAML, where the stack names one", () => {
        const fix = "pulumi config set kubeconfig '<path>'";
        expect(errorsOf({ kubeconfig: path.join(directory, "none") })).to.deep.equal([
            ["kubeconfig", "is neither a file nor the text of a kubeconfig", fix],
        ]);
        writeFileSync(file, "users: [{token: s3cr3t-4711");
        expect(errorsOf({ kubeconfig: file })).to.deep.equal([["kubeconfig", "is not YAML", fix]]);
    });

    it("may be absent: a preview needs no cluster", () => {
        expect(errorsOf({ context: "production" })).to.deep.equal([]);
        expect(errorsOf({})).to.deep.equal([]);
    });

    it("must be no directory", () => {
        expect(errorsOf({ kubeconfig: directory })).to.deep.equal([
            ["kubeconfig", "is neither a file nor the text of a kubeconfig", "pulumi config set kubeconfig '<path>'"],
        ]);
    });
});

describe("the kubeconfig of kubectl", () => {
    const before = process.env["PATH"];
    let directory: string;

    beforeEach(() => {
        directory = mkdtempSync(path.join(os.tmpdir(), "tradestream-kubectl-"));
        writeFileSync(path.join(directory, "kubectl"), "#!/bin/sh\necho asked\n", { mode: 0o755 });
        process.env["PATH"] = [directory, before].join(path.delimiter);
    });
    afterEach(() => {
        rmSync(directory, { recursive: true });
        process.env["PATH"] = before;
    });

    it("must be there: one file, where KUBECONFIG names several", async () => {
        const ask = async (...files: readonly string[]): Promise<string> => {
            const KUBECONFIG = files.map((file) => path.join(directory, file)).join(path.delimiter);
            const kubectl = await kubectlFor({ context: undefined, env: { KUBECONFIG } }, silent);
            return kubectl(["get", "pods"]).catch(({ message }: Error) => message);
        };
        expect(await ask("absent")).to.equal(
            `KUBECONFIG is ${directory}/absent, and no such file exists: set it to the path of a kubeconfig`,
        );
        writeFileSync(path.join(directory, "config"), config("a", "a"));
        expect(await ask("absent", "config")).to.equal("asked");
    });

    it("must be a file that exists, where the stack names one", () => {
        const file = path.join(directory, "config");
        expect(() => kubeconfigFile("eu", file)).to.throw(
            `the kubeconfig of eu is ${file}, and no such file exists: pulumi config set --stack eu kubeconfig '<path>'`,
        );
        writeFileSync(file, config("a", "a"));
        expect(kubeconfigFile("eu", file)).to.equal(file);
        expect(kubeconfigFile("eu", `~/${path.relative(os.homedir(), file)}`)).to.equal(file);
        for (const given of [config("a", "s3cr3t"), { secure: "s3cr3t" }])
            expect(() => kubeconfigFile("eu", given))
                .to.throw(/^the kubeconfig of eu is no file here: /)
                .with.property("message")
                .that.does.not.include("s3cr3t");
    });
});
