/** Wrong values are refused with words that say where and what; and every value is explained. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import { buildTimeout, chartDirectory, helmBinary, minimal, password, refusal, render } from "./helm.ts";
import type { Values } from "./helm.ts";

const primary = (values: Values): Values => ({ postgresql: { ...minimal.postgresql, primary: values } });
const image = (values: Values): Values => ({ postgresql: { ...minimal.postgresql, image: values } });
const redis = (values: Values): Values => ({ ...minimal, redis: values });
const master = (values: Values): Values => redis({ master: values });

/** What is wrong, the values, and what the message must say. */
const wrong: readonly (readonly [string, Values, ...string[]])[] = [
    ["an unknown part", { ...minimal, postgres: {} }, "additional properties 'postgres' not allowed"],
    ["an unknown key inside", primary({ replicas: 2 }), "/postgresql/primary", "'replicas' not allowed"],
    ["a service of the program", { ...minimal, gatewayApi: { enabled: true } }, "/gatewayApi/enabled", "must be false"],
    ["a secret of the program", { ...minimal, authSecrets: { create: true } }, "/authSecrets/create", "must be false"],
    [
        "a part of the published chart",
        { ...minimal, influxdb: { enabled: true } },
        "/influxdb/enabled",
        "must be false",
    ],
    ["a switch that is text", redis({ enabled: "yes" }), "/redis/enabled", "got string, want boolean"],
    ["a tag that is a number", image({ tag: 17 }), "/postgresql/image/tag", "got number, want string"],
    ["a tag with a space", image({ tag: "17 beta" }), "/postgresql/image/tag", "does not match"],
    ["the tag latest", image({ tag: "latest" }), "postgresql.image.tag is latest", "name a version"],
    ["a digest that is none", image({ digest: "sha256:abc" }), "/postgresql/image/digest", "does not match"],
    ["a pull policy", image({ pullPolicy: "Sometimes" }), "/postgresql/image/pullPolicy", "'IfNotPresent'"],
    ["a registry with a scheme", image({ registry: "https://x" }), "/postgresql/image/registry", "does not match"],
    ["a repository in capitals", image({ repository: "A/B" }), "/postgresql/image/repository", "does not match"],
    ["no connections", primary({ maxConnections: 0 }), "/postgresql/primary/maxConnections", "got 0, want 10"],
    ["half a connection", primary({ maxConnections: 10.5 }), "/postgresql/primary/maxConnections", "want integer"],
    ["the port as a setting", primary({ settings: { port: 1 } }), "postgresql.primary.settings.port", "remove it"],
    [
        "the connections as a setting",
        primary({ settings: { max_connections: 1 } }),
        "postgresql.primary.settings.max_connections",
        "use postgresql.primary.maxConnections",
    ],
    [
        "backups without their configuration",
        { postgresql: { ...minimal.postgresql, backup: { enabled: true } } },
        "postgresql.backup.existingConfigMap is missing",
        "postgresql.backup.existingSecret is missing",
    ],
    [
        "backups and another way to archive",
        {
            postgresql: {
                ...minimal.postgresql,
                backup: { enabled: true, existingConfigMap: "config", existingSecret: "keys" },
                primary: { settings: { archive_mode: "off" } },
            },
        },
        "postgresql.primary.settings.archive_mode is set by the chart while postgresql.backup.enabled is true",
    ],
    ["a directory that is not on the volume", primary({ dataDirectory: "../x" }), "/dataDirectory", "does not match"],
    ["a setting with dashes", primary({ settings: { "work-mem": "1MB" } }), "settings.work-mem is not the name"],
    ["a size in no unit", primary({ persistence: { size: "20GB" } }), "/primary/persistence/size", "'20GB'"],
    [
        "no limit",
        primary({ resources: { limits: { memory: null } } }),
        "/resources/limits",
        "missing property 'memory'",
    ],
    ["a negative amount", primary({ resources: { limits: { cpu: -1 } } }), "/resources/limits/cpu", "got -1"],
    ["a strange resource", primary({ resources: { limits: { gpu: 1 } } }), "/resources/limits", "'gpu' not allowed"],
    ["root", primary({ podSecurityContext: { runAsUser: 0 } }), "/podSecurityContext/runAsUser", "got 0, want 1"],
    ["a weaker pod", master({ podSecurityContext: { privileged: true } }), "'privileged' not allowed"],
    ["no patience", primary({ livenessProbe: { periodSeconds: 0 } }), "/livenessProbe/periodSeconds", "want 1"],
    ["no grace", master({ terminationGracePeriodSeconds: 0 }), "/terminationGracePeriodSeconds", "want 1"],
    [
        "a policy for claims",
        master({ persistentVolumeClaimRetentionPolicy: { whenDeleted: "Keep" } }),
        "/whenDeleted",
        "'Retain', 'Delete'",
    ],
    ["an access mode", master({ persistence: { accessModes: ["ReadOnlyMany"] } }), "/accessModes/0", "'ReadWriteOnce'"],
    [
        "a claim that is not used",
        master({ persistence: { enabled: false, existingClaim: "c" } }),
        "the data would be lost",
    ],
    ["more than one Redis", redis({ architecture: "replication" }), "/redis/architecture", "'standalone'"],
    ["a password in the open", redis({ commonConfiguration: "appendonly yes\nrequirepass x" }), "use redis.auth"],
    ["Redis beyond its limit", master({ maxMemory: "384mb" }), "maxMemory (384mb) is not below", "(384Mi)"],
    ["memory in Kubernetes' units", master({ maxMemory: "64Mi" }), "/redis/master/maxMemory", "does not match"],
    ["an eviction policy", master({ maxMemoryPolicy: "lru" }), "/redis/master/maxMemoryPolicy", "'noeviction'"],
    ["an annotation that is a number", master({ podAnnotations: { a: 1 } }), "/podAnnotations/a", "want string"],
    ["a database with a dash", { postgresql: { auth: { database: "a-b" } } }, "/postgresql/auth/database", "'a-b'"],
    ["no password", {}, "postgresql.auth.postgresPassword is missing", "postgresql.auth.existingSecret"],
];

describe("the chart's values", () => {
    before(async function () {
        this.timeout(buildTimeout);
        await helmBinary();
    });

    for (const [title, values, ...words] of wrong) {
        it(`refuses ${title}`, async () => {
            const message = await refusal(values);
            for (const word of words) expect(message).to.contain(word);
            expect(message).not.to.contain(password);
        });
    }

    it("never repeats a password, not even one of the wrong type", async () => {
        const message = await refusal({ postgresql: { auth: { postgresPassword: 424242 } } });
        expect(message).to.contain("/postgresql/auth/postgresPassword");
        expect(message).not.to.contain("424242");
    });

    it("reports all errors at once", async () => {
        const message = await refusal({ redis: { auth: { enabled: true }, image: { tag: "latest" } } });
        expect(message).to.contain("3 error(s)");
        expect(message).to.contain("postgresql.auth.postgresPassword is missing");
        expect(message).to.contain("redis.auth.password is missing");
        expect(message).to.contain("redis.image.tag is latest");
    });

    it("refuses a release name that is too long, and says by how much", async () => {
        expect(await refusal(minimal, "t".repeat(40))).to.match(/has 40 characters.*at most 39/);
    });

    describe("README.md", () => {
        const read = (name: string): string => readFileSync(path.join(chartDirectory, name), "utf8");
        const defaults = parse(read("values.yaml")) as Values;
        const rows = new Map(
            [...read("README.md").matchAll(/^\| `([a-z][^`]*)` \| (.+?) \| (.+) \|$/gm)].map(
                ([, key = "", value = "", meaning = ""]) => [key, { value, meaning }] as const,
            ),
        );

        /** Every key that holds a value, with its default. */
        function leaves(values: Values, prefix = ""): [string, unknown][] {
            return Object.entries(values).flatMap(([key, value]): [string, unknown][] => {
                const branch = typeof value === "object" && value !== null && !Array.isArray(value);
                if (!branch || Object.keys(value).length === 0) return [[`${prefix}${key}`, value]];
                return leaves(value as Values, `${prefix}${key}.`);
            });
        }

        it("explains every value, with its default, and no other", () => {
            const expected = leaves(defaults);
            expect([...rows.keys()]).to.have.members(expected.map(([key]) => key));
            for (const [key, value] of expected) {
                const long = typeof value === "string" && value.includes("\n");
                const shown = long ? "see `values.yaml`" : `\`${JSON.stringify(value).replaceAll(",", ", ")}\``;
                expect(rows.get(key)?.value, key).to.equal(shown);
                expect(rows.get(key)?.meaning, key).to.match(/\w{3}/);
            }
        });
    });

    it("have a schema that demands nothing beyond the password", async () => {
        expect(await render(minimal)).to.have.lengthOf(10);
    });
});
