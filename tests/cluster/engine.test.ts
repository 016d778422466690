/** The embedded engine against a real API server: a small program of its own, every kind of step. */
import { expect } from "chai";
import fs from "node:fs";
import { engine, engineOk, get, kubectl } from "./support/commands.ts";
import { args, features, json, namespace, ops, stateFile, withFixture } from "./support/engine-fixture.ts";

describe("engine, a stack's life", function () {
    this.timeout(240_000);
    withFixture();

    it("preview shows what is to come and changes nothing", async () => {
        const { stdout } = await engineOk(args("preview"));
        expect(stdout)
            .to.match(/\+ 8 to create/)
            .and.include("message: hello")
            .and.include('hidden: "[secret]"');
        expect(fs.existsSync(stateFile())).to.equal(false);
        expect(await kubectl("get", "namespace", namespace, "--ignore-not-found")).to.equal("");
    });

    it("up makes it, and says so", async () => {
        const document = await json(...args("up", "--yes", "--json"));
        expect(document.result).to.equal("succeeded");
        expect(document.counts).to.deep.equal({ create: 8 });
        expect(document.outputs).to.deep.equal({
            message: "hello",
            secretName: "fixture-secret",
            hidden: "[secret]",
        });
        const [settings] = await get("configmap", "fixture-settings", "-n", namespace);
        expect(settings?.data).to.deep.equal({ message: "hello" });
    });

    it("a second up changes nothing, with one read an object and no write", async () => {
        const before = fs.readFileSync(stateFile(), "utf8");
        const document = await json(...args("up", "--yes", "--json", "--expect-no-changes"));
        expect(document.counts).to.deep.equal({ same: 8 });
        expect(document.requests.writes).to.equal(0);
        expect(document.requests.reads).to.be.at.most(4 + 2); // four objects, the version, the kinds of v1
        expect(fs.readFileSync(stateFile(), "utf8")).to.equal(before);
    });

    it("a change writes what has changed only, and follows its dependents", async () => {
        const change = ["--config", "message=changed", "--config", "passwordVersion=2"];
        const { stdout } = await engineOk(args("preview", ...change));
        expect(stdout)
            .to.match(/-\s+message: hello/)
            .and.match(/\+\s+message: changed/)
            .and.match(/\[secret\] \(changed\)/);
        const document = await json(...args("up", "--yes", "--json", ...change));
        expect(ops(document)).to.deep.equal({ password: "delete-replaced", settings: "update", secret: "update" });
        expect(document.requests.writes).to.equal(2);
        const outputs = JSON.parse((await engineOk(args("outputs", "--json", "--show-secrets"))).stdout) as Record<
            string,
            string
        >;
        const [secret] = await get("secret", "fixture-secret", "-n", namespace);
        expect(Buffer.from(secret?.data?.["password"] ?? "", "base64").toString()).to.equal(outputs["hidden"]);
        await engineOk(args("up", "--yes"));
    });

    it("sees drift, says who, and mends it; leaves the fields of others alone", async () => {
        await kubectl(
            "patch",
            "configmap",
            "fixture-settings",
            "-n",
            namespace,
            "-p",
            '{"data":{"message":"hacked","other":"theirs"}}',
        );
        const seen = await engineOk(args("preview"));
        expect(seen.stdout)
            .to.match(/settings changed in the cluster by "kubectl-patch"/)
            .and.match(/-\s+message: hacked/);
        expect((await engine(args("preview", "--expect-no-changes"))).code).to.equal(1);
        await engineOk(args("up", "--yes"));
        const [settings] = await get("configmap", "fixture-settings", "-n", namespace);
        expect(settings?.data).to.deep.equal({ message: "hello", other: "theirs" });
        await engineOk(args("up", "--yes", "--expect-no-changes"));
    });

    it("makes again what somebody has deleted", async () => {
        await kubectl("delete", "configmap", "fixture-settings", "-n", namespace);
        const document = await json(...args("up", "--yes", "--json"));
        expect(document.steps.find((step) => step.name === "settings")).to.include({
            op: "create",
            reason: "it is gone from the cluster",
        });
    });

    it("names who manages a field that the program wants newly, and overwrites by annotation only", async () => {
        await kubectl(
            "label",
            "configmap",
            "fixture-settings",
            "-n",
            namespace,
            "owner=somebody",
            "--field-manager=somebody",
        );
        const refused = await engine(args("up", "--yes", "--config", "label=mine"));
        expect(refused.code).to.equal(1);
        expect(refused.stdout)
            .to.match(/conflict with "somebody"/)
            .and.include("pulumi.com/patchForce");
        await engineOk(args("up", "--yes", "--config", "label=mine", "--config", "force=true"));
        await engineOk(args("up", "--yes"));
    });

    it("replaces what cannot be changed in place, and refuses when it is protected", async () => {
        await engineOk(args("up", "--yes", ...features("binding")));
        const change = [...features("binding"), "--config", "role=edit"];
        const preview = await engineOk(args("preview", ...change));
        expect(preview.stdout).to.match(/\+-.*binding roleRef cannot be changed in place/);
        await engineOk(args("up", "--yes", ...change));
        const [binding] = await get("rolebinding", "fixture", "-n", namespace);
        expect(binding).to.have.nested.property("roleRef.name", "edit");
        await engineOk(args("up", "--yes", ...change, ...features("binding", "protect-binding")));
        const refused = await engine(args("up", "--yes", ...features("binding", "protect-binding")));
        expect(refused.code).to.equal(1);
        expect(refused.stdout).to.match(/binding: has to be replaced .*but is protected/);
        await engineOk(args("up", "--yes", ...change));
    });

    it("refuses what cannot be changed at all, says why and what to do, and leaves it as it is", async () => {
        const claim = features("claim");
        await engineOk(args("up", "--yes", ...claim));
        const frozen = await engine(args("up", "--yes", ...claim, "--config", "volumeMode=Block"));
        expect(frozen.code).to.equal(1);
        expect(frozen.stdout).to.match(
            /claim: PersistentVolumeClaim engine-fixture\/fixture: [^]*field is immutable[^]*replaceOnChanges/,
        );
        const larger = await engine(args("up", "--yes", ...claim, "--config", "size=2Mi"));
        expect(larger.code).to.equal(1);
        expect(larger.stdout).to.match(/claim: .*not allowed: .*the storageclass .*must support resize/);
        await engineOk(args("up", "--yes", "--expect-no-changes", ...claim));
    });

    it("deletes what the program no longer registers, but nothing that is protected", async () => {
        await engineOk(args("up", "--yes", ...features("small")));
        expect((await get("configmap", "-n", namespace)).map(({ metadata }) => metadata.name).sort()).to.deep.equal([
            "fixture-settings",
            "kube-root-ca.crt",
        ]);
        await engineOk(args("up", "--yes", ...features("small", "protect")));
        const refused = await engine(args("destroy", "--yes"));
        expect(refused.code).to.equal(1);
        expect(refused.stderr).to.match(/protected resources cannot be deleted[^]*settings/);
        expect(await get("configmap", "fixture-settings", "-n", namespace)).to.have.length(1);
        await engineOk(args("up", "--yes", ...features("small")));
    });

    it("destroy removes everything and waits until it is gone", async () => {
        const document = await json(...args("destroy", "--yes", "--json"));
        expect(document.result).to.equal("succeeded");
        expect(await kubectl("get", "namespace", namespace, "--ignore-not-found")).to.equal("");
        expect(JSON.parse(fs.readFileSync(stateFile(), "utf8")))
            .to.have.nested.property("deployment.resources")
            .that.deep.equals([]);
    });
});
