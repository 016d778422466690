/** A stack stays in the cluster that it lives in: another one that answers is refused before anything is touched. */
import { expect } from "chai";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import * as cluster from "../../local/cluster/index.ts";
import { createReport } from "../../local/report.ts";
import { record } from "../evidence.ts";
import { engine, engineOk, get, kubectl } from "./support/commands.ts";
import type { Result } from "./support/commands.ts";
import { args, features, namespace, stateFile, withFixture } from "./support/engine-fixture.ts";

const used = features("chart", "no-await");
const changed = [...used, "--config", "message=changed"];

interface Stored {
    readonly deployment: { readonly resources: { readonly type: string; outputs?: Record<string, unknown> }[] };
}

describe("engine, another cluster than the stack's", function () {
    this.timeout(300_000);
    let other: string;
    let elsewhere: string;
    let directory: string;
    let kubeconfig: string;

    /** One kubeconfig, as operators have it, leads to the one cluster today and to the other tomorrow. */
    const inHome = async (command: readonly string[]): Promise<Result> => {
        fs.copyFileSync(process.env["KUBECONFIG"]!, kubeconfig);
        return engineOk(command, { env: { KUBECONFIG: kubeconfig } });
    };
    const inOther = (command: readonly string[]): Promise<Result> => {
        fs.copyFileSync(elsewhere, kubeconfig);
        return engine(command, { env: { KUBECONFIG: kubeconfig } });
    };
    const inOtherIs = (...what: string[]): Promise<string> =>
        kubectl("get", ...what, "--kubeconfig", elsewhere, "-o", "json", "--ignore-not-found");

    before(async () => {
        other = `${process.env["TRADESTREAM_TEST_CLUSTER"] ?? "tests"}-elsewhere`;
        elsewhere = cluster.kubeconfigPath(other);
        directory = fs.mkdtempSync(path.join(os.tmpdir(), "engine-identity-"));
        kubeconfig = path.join(directory, "kubeconfig");
        await cluster.down({ name: other, purge: true }, createReport());
        await cluster.up({ name: other, simulated: true }, createReport());
    });
    after(async () => {
        fs.rmSync(directory, { recursive: true, force: true });
        await cluster.down({ name: other, purge: true }, createReport());
    });
    withFixture();

    it("preview, up and destroy are refused, with both clusters by name, and change nothing", async () => {
        await inHome(args("up", "--yes", ...used));
        await kubectl("create", "namespace", namespace, "--kubeconfig", elsewhere);
        const theirs = ["create", "configmap", "fixture-settings", "--from-literal=message=theirs", "-n", namespace];
        await kubectl(...theirs, "--kubeconfig", elsewhere);
        const state = fs.readFileSync(stateFile(), "utf8");
        const before = await inOtherIs("configmaps,secrets", "-n", namespace);
        const { metadata } = JSON.parse(await inOtherIs("namespace", "kube-system")) as { metadata: { uid: string } };
        const commands = [
            args("preview", ...changed),
            args("up", "--yes", ...changed),
            args("up", "--yes", "--expect-no-changes", ...used),
            args("destroy", "--yes"),
        ];
        for (const command of commands) {
            const { code, stdout, stderr } = await inOther(command);
            const said = stdout + stderr;
            expect(code, said).to.equal(1);
            expect(said).to.match(/lives in: context "\S+-local" at https:/);
            expect(said).to.include(`reached:  context "${other}-local"`).and.include(metadata.uid);
            expect(said).to.include("--accept-cluster");
        }
        expect(await inOtherIs("configmaps,secrets", "-n", namespace)).to.equal(before);
        expect(fs.readFileSync(stateFile(), "utf8")).to.equal(state);
        const name = "runs refused there, nothing touched";
        record({ suite: "Another cluster", name, value: commands.length, requirement: "4" });
    });

    it("control: a state that does not say where it lives is taken at its word, and says so from then on", async () => {
        const stored = JSON.parse(fs.readFileSync(stateFile(), "utf8")) as Stored;
        const provider = stored.deployment.resources.find(({ type }) => type === "pulumi:providers:kubernetes")!;
        expect(provider.outputs).to.have.property("__cluster");
        delete provider.outputs!["__cluster"];
        fs.writeFileSync(stateFile(), JSON.stringify(stored));
        const { code, stdout } = await inOther(args("preview", ...changed));
        expect([code, stdout], "what would be done to an object of others").to.satisfy(
            ([exit, text]: [number, string]) => exit === 0 && /-\s+message: theirs/.test(text),
        );
        await inHome(args("up", "--yes", "--expect-no-changes", ...used));
        expect((await inOther(args("preview", ...changed))).code).to.equal(1);
    });

    it("another provider in the program is no way around", async () => {
        const moved = args("up", "--yes", ...used, "--config", "providerName=renamed");
        const { code, stdout } = await inOther(moved);
        expect(code).to.equal(1);
        expect(stdout).to.include("lives in another cluster");
        await inHome(moved);
        await inHome(args("up", "--yes", ...used));
    });

    it("a rebuilt cluster is accepted when that is said, and is the stack's from then on", async () => {
        await kubectl("delete", "namespace", namespace, "--kubeconfig", elsewhere);
        const { code, stdout } = await inOther(args("up", "--yes", "--accept-cluster", ...used));
        expect(code, stdout).to.equal(0);
        expect(await inOtherIs("configmap", "fixture-settings", "-n", namespace)).to.include('"message": "hello"');
        expect((await inOther(args("up", "--yes", "--expect-no-changes", ...used))).code).to.equal(0);
        const back = await inHome(args("up", "--yes", ...used)).catch((error: Error) => error.message);
        expect(back, "the old one is the other one now").to.include(`lives in: context "${other}-local"`);
        expect((await inOther(args("destroy", "--yes"))).code).to.equal(0);
        expect(await inOtherIs("namespace", namespace)).to.equal("");
        const left = (await get("configmaps", "-n", namespace)).map(({ metadata }) => metadata.name);
        expect(left, "what is in the old one stays").to.include("fixture-settings");
    });
});
