/** Helm releases with the embedded engine: made, changed, rolled back, taken up, removed. */
import { expect } from "chai";
import fs from "node:fs";
import { engine, engineOk, get, kubectl } from "./support/commands.ts";
import { args, features, namespace, stateFile, withFixture } from "./support/engine-fixture.ts";

describe("engine, a chart", function () {
    this.timeout(240_000);
    withFixture();

    const chart = (...more: string[]): string[] => args("up", "--yes", ...features("small", "chart", ...more));
    const revisions = async (): Promise<string[]> =>
        (await get("secret", "-n", namespace, "-l", "owner=helm")).map(
            ({ metadata }) => metadata.labels?.["status"] ?? "",
        );

    it("is installed, left alone, and upgraded; its password is nowhere but in its Secret", async () => {
        await engineOk(chart());
        await engineOk([...chart(), "--expect-no-changes"]);
        const { stdout } = await engineOk(args("preview", ...features("small", "chart"), "--config", "message=two"));
        expect(stdout)
            .to.match(/-\s+text: hello/)
            .and.match(/\+\s+text: two/)
            .and.include('password: "[secret]"');
        await engineOk([...chart(), "--config", "message=two"]);
        const [object] = await get("configmap", "fixture-chart", "-n", namespace);
        expect(object?.data).to.deep.equal({ text: "two", revision: "2" });
        const [secret] = await get("secret", "fixture-chart", "-n", namespace);
        const password = Buffer.from(secret?.data?.["password"] ?? "", "base64").toString();
        expect(password).to.have.length(24);
        expect(fs.readFileSync(stateFile(), "utf8")).not.to.include(password);
    });

    it("is rolled back when it fails, and mended by the next run", async () => {
        const failed = await engine(chart("failing-job"));
        expect(failed.code).to.equal(1);
        expect(failed.stdout).to.match(/chart: helm release engine-fixture\/fixture-chart: .*rolled back/);
        await engineOk(chart());
        await engineOk([...chart(), "--expect-no-changes"]);
        expect((await revisions()).filter((status) => status === "deployed")).to.have.length(1);
    });

    it("goes on where helm was killed in the middle", async () => {
        await kubectl(
            "label",
            "secret",
            "-n",
            namespace,
            "-l",
            "owner=helm,status=deployed",
            "status=pending-upgrade",
            "--overwrite",
        );
        const { stderr } = await engineOk(chart());
        expect(stderr).to.match(/clears revision \d+, which was left pending-upgrade/);
        await engineOk([...chart(), "--expect-no-changes"]);
    });

    it("is uninstalled", async () => {
        await engineOk(args("up", "--yes", ...features("small")));
        expect(await revisions()).to.deep.equal([]);
        expect(await kubectl("get", "configmap", "fixture-chart", "-n", namespace, "--ignore-not-found")).to.equal("");
    });
});
