/** What differs between staging and production, and that neither uses the other's hosts. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { otherStacks } from "../../config/otherStacks.ts";
import { webServices } from "../../config/services/index.ts";
import { type Change, type Config, parseStack, root, type Stack } from "../support/configuration.ts";

/** All that may differ: sizes, addresses, issuers, priority and zones, and what follows from the environment. */
const differing = [
    "environment",
    "namespace",
    "protect",
    "priorityClassName",
    "priorityClassValue",
    "topologySpread.whenUnsatisfiable",
    ...webServices.flatMap((service) => [
        `${service}.ingress.annotations.cert-manager.io/cluster-issuer`,
        `${service}.ingress.hosts`,
        `${service}.ingress.tls`,
        `${service}.resources.requests.cpu`,
    ]),
    "gatewayApi.database.poolSize",
    "gatewayApi.urls.api",
    "gatewayApi.urls.frontend",
    "gatewayApi.cors.origins",
    "gatewayApi.autoscaling.maxReplicas",
    "notificationWorker.schedule",
    "notificationWorker.resources.requests.cpu",
    "database.maxConnections",
    "chart.values.postgresql",
];

/** Places that two configurations have different values at; lists and the chart's parts as a whole. */
function differences(one: unknown, other: unknown, place = ""): readonly string[] {
    const isTree = (value: unknown): value is Config =>
        typeof value === "object" && value !== null && !Array.isArray(value) && place !== "chart.values.postgresql";
    if (!isTree(one) || !isTree(other)) return JSON.stringify(one) === JSON.stringify(other) ? [] : [place];
    return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((key) =>
        differences(one[key], other[key], place === "" ? key : `${place}.${key}`),
    );
}

const settings = (stack: Stack, change?: Change) => parseStack(stack, change).settings;

describe("staging and production", () => {
    it("differ in what is listed, and in nothing else", () => {
        expect(differences(settings("production"), settings("staging"))).to.have.members(differing);
    });

    it("control: any other difference is found", () => {
        const change = { "gatewayApi.podLabels.team": "trading", "redis.auth.enabled": true };
        expect(differences(settings("production"), settings("staging", change))).to.have.members([
            ...differing,
            "gatewayApi.podLabels",
            "redis.auth.enabled",
        ]);
    });
});

describe("a stack with the hosts of another environment", () => {
    const problem = (host: string) =>
        `leads to ${host}, a host of the stack production, which is production and not staging`;

    it("is refused, with each key", () => {
        const others = otherStacks("tradestream", "staging");
        expect(others.map(({ name }) => name)).to.have.members(["local", "production"]);
        expect(parseStack("staging", {}, { others }).errors).to.deep.equal([]);
        const change = {
            "gatewayApi.ingress.hosts[0].host": "api.tradestream.io",
            "gatewayApi.ingress.tls[0].hosts[0]": "api.tradestream.io",
            "gatewayApi.urls.api": "https://api.tradestream.io",
            "gatewayApi.cors.origins[2]": "https://www.tradestream.io",
        };
        const { errors } = parseStack("staging", change, { others });
        expect(errors).to.deep.equal([
            {
                key: "gatewayApi.ingress.hosts[0].host",
                problem: problem("api.tradestream.io"),
                fix: "pulumi config set --path 'gatewayApi.ingress.hosts[0].host' '<host>'",
            },
            {
                key: "gatewayApi.urls.api",
                problem: problem("api.tradestream.io"),
                fix: "pulumi config set --path gatewayApi.urls.api '<url>'",
            },
            {
                key: "gatewayApi.cors.origins[2]",
                problem: problem("www.tradestream.io"),
                fix: "pulumi config set --path 'gatewayApi.cors.origins[2]' '<url>'",
            },
        ]);
        expect(parseStack("staging", change).errors, "without the other stacks").to.deep.equal([]);
    });

    it("is seen from both sides, and not within one environment: a second region has the same hosts", () => {
        const directory = mkdtempSync(path.join(os.tmpdir(), "stacks-"));
        const before = process.cwd();
        try {
            copyFileSync(path.join(root, "Pulumi.production.yaml"), path.join(directory, "Pulumi.eu.yaml"));
            const text = readFileSync(path.join(root, "Pulumi.production.yaml"), "utf8");
            const copied = text.replace("environment: production", "environment: staging");
            writeFileSync(path.join(directory, "Pulumi.copy.yaml"), copied);
            writeFileSync(path.join(directory, "Pulumi.broken.yaml"), "config: [");
            writeFileSync(path.join(directory, "Pulumi.yaml"), "name: tradestream");
            process.chdir(directory);
            const others = otherStacks("tradestream", "production");
            process.chdir(before);
            expect(others.map(({ name }) => name)).to.have.members(["eu", "copy"]);
            const { errors } = parseStack("production", {}, { others });
            expect(errors.map(({ key }) => key)).to.include("gatewayApi.ingress.hosts[0].host");
            const region = others.filter(({ name }) => name === "eu");
            expect(parseStack("production", {}, { others: region }).errors).to.deep.equal([]);
        } finally {
            process.chdir(before);
            rmSync(directory, { recursive: true });
        }
    });
});
