import { expect } from "chai";
import { keyPath, remove, set, setSecret } from "../../config/errors/commands.ts";
import { nearest } from "../../config/errors/names.ts";

describe("the nearest name", () => {
    const known = ["replicaCount", "image", "ingress", "env", "enabled", "autoscaling", "targetCPUUtilization"];
    for (const [name, expected] of [
        ["replcaCount", "replicaCount"],
        ["replicas", "replicaCount"],
        ["REPLICACOUNT", "replicaCount"],
        ["imgae", "image"],
        ["ingres", "ingress"],
        ["targetCPU", "targetCPUUtilization"],
        ["autoScale", "autoscaling"],
        ["envs", "env"],
        ["x", undefined],
        ["hpa", undefined],
        ["completelyElse", undefined],
    ] as const) {
        it(`to ${name} is ${expected ?? "none"}`, () => {
            expect(nearest(name, known)).to.equal(expected);
        });
    }

    it("to anything is none where none is known", () => {
        expect(nearest("image", [])).to.equal(undefined);
    });
});

describe("a command", () => {
    it("quotes what a shell would read otherwise", () => {
        expect(set("releaseName", "it's")).to.equal(`pulumi config set releaseName 'it'\\''s'`);
        expect(set("gatewayApi.ingress.hosts[0].host", "<host>")).to.equal(
            "pulumi config set --path 'gatewayApi.ingress.hosts[0].host' '<host>'",
        );
        expect(set("notificationWorker.schedule", "*/5 * * * *")).to.equal(
            "pulumi config set --path notificationWorker.schedule '*/5 * * * *'",
        );
    });

    it("keeps text text where the CLI would make a number or a boolean of it", () => {
        expect(set("gatewayApi.env.WORKERS", "4")).to.equal(
            "pulumi config set --path gatewayApi.env.WORKERS --type string 4",
        );
        expect(set("gatewayApi.env.DEBUG", "true")).to.include("--type string true");
        expect(set("gatewayApi.replicaCount", 4)).to.equal("pulumi config set --path gatewayApi.replicaCount 4");
        expect(set("namespace", "4")).to.equal("pulumi config set namespace 4");
    });

    it("ends the options before a value that begins with a hyphen", () => {
        expect(set("notificationWorker.telegramChatId", "-1001234567890")).to.equal(
            "pulumi config set --path notificationWorker.telegramChatId --type string -- -1001234567890",
        );
        expect(set("namespace", "-x")).to.equal("pulumi config set namespace -- -x");
    });

    it("sets secrets without their value", () => {
        expect(setSecret("jwtSecret")).to.equal("pulumi config set --secret jwtSecret");
        expect(setSecret("chartSecrets.a.b")).to.equal("pulumi config set --secret --path chartSecrets.a.b");
    });

    it("removes", () => {
        expect(remove("context")).to.equal("pulumi config rm context");
        expect(remove("gatewayApi.cors.origins[1]")).to.equal("pulumi config rm --path 'gatewayApi.cors.origins[1]'");
    });
});

describe("a path", () => {
    it("is written as the CLI reads it", () => {
        expect(keyPath(["gatewayApi", "ingress", "hosts", 0, "host"])).to.equal("gatewayApi.ingress.hosts[0].host");
        expect(keyPath(["gatewayApi", "resources", "limits", "ephemeral-storage"])).to.equal(
            "gatewayApi.resources.limits.ephemeral-storage",
        );
        expect(keyPath(["chart", "values", "a.b/c"])).to.equal('chart.values["a.b/c"]');
        expect(keyPath(["chart", "values", 'say "x"', "y"])).to.equal('chart.values["say \\"x\\""].y');
    });
});
