import { expect } from "chai";
import { deriveVapidKeys, vapidKeysMatch } from "../../../config/vapid.ts";
import { requiredSecrets } from "../../support/configuration.ts";
import { type Program, runProgram, unknown } from "../../support/mocks.ts";
import { find, objectName, objectsOf, podOf, resource, secretData, type Tree } from "../../support/objects.ts";
import { programOf } from "../../support/programs.ts";

const annotationsOf = (program: Program): Record<string, string> =>
    podOf(program, "Deployment", "tradestream-gateway-api")["metadata"]!["annotations"] as unknown as Record<
        string,
        string
    >;
const resourceNames = (program: Program) => program.resources.map(({ name }) => name);
const withoutRequired = Object.fromEntries(Object.keys(requiredSecrets).map((key) => [key, undefined]));

describe("Secrets", () => {
    let production: Program;

    before(async () => {
        production = await programOf("production");
    });

    it("have the specification's names, keys and type", () => {
        const keys = Object.fromEntries(
            objectsOf(production, "Secret").map(({ inputs }) => {
                const { metadata, type, data } = inputs as { metadata: { name: string }; type: string; data: object };
                expect(type).to.equal("Opaque");
                return [metadata.name, Object.keys(data).sort()];
            }),
        );
        expect(keys).to.deep.equal({
            "tradestream-auth-secrets": ["jwt-secret", "resend-api-key"],
            "tradestream-oauth-secrets": [
                "github-client-id",
                "github-client-secret",
                "google-client-id",
                "google-client-secret",
            ],
            "tradestream-notification-secrets": ["vapid-private-key", "vapid-public-key"],
            "tradestream-database-secrets": [
                "database-migration-postgres-url",
                "notification-worker-postgres-url",
                "postgres-url",
                "roles.sql",
            ],
        });
    });

    it("hold what is given", () => {
        expect(secretData(production, "tradestream-oauth-secrets")).to.deep.equal({
            "google-client-id": requiredSecrets.googleClientId,
            "google-client-secret": requiredSecrets.googleClientSecret,
            "github-client-id": requiredSecrets.githubClientId,
            "github-client-secret": requiredSecrets.githubClientSecret,
        });
        expect(secretData(production, "tradestream-auth-secrets")["resend-api-key"]).to.equal(
            requiredSecrets.resendApiKey,
        );
    });

    it("are encrypted wherever Pulumi keeps them", () => {
        for (const secret of objectsOf(production, "Secret")) {
            expect(secret.secretPaths, secret.name).to.deep.equal(["data"]);
        }
    });

    it("have values that stand nowhere else in plain text", async () => {
        const program = await runProgram("production", {
            jwtSecret: "jwt-0123456789abcdef0123456789abcdef",
            telegramBotToken: "123:telegram-token",
            redis: { auth: { enabled: true } },
        });
        const values = objectsOf(program, "Secret").flatMap(({ inputs }) =>
            Object.values(secretData(program, (inputs as { metadata: { name: string } }).metadata.name)),
        );
        expect(values).to.have.length(14);
        for (const { name, inputs, secretPaths } of program.resources) {
            const text = JSON.stringify(inputs, (key, value: unknown) =>
                secretPaths.some((path) => path === key || path.endsWith(`.${key}`)) ? undefined : value,
            );
            for (const value of values) {
                expect(text, name).to.not.include(value);
            }
        }
        const outputs = JSON.stringify([program.exports, [...program.componentOutputs]]);
        values.forEach((value) => expect(outputs).to.not.include(value));
    });

    describe("for authentication", () => {
        it("have a generated JWT secret of 64 letters and digits", () => {
            expect(resource(production, "auth-secrets-jwt-v1").inputs).to.deep.include({ length: 64, special: false });
            expect(secretData(production, "tradestream-auth-secrets")["jwt-secret"]).to.match(/^[A-Za-z0-9]{64}$/);
        });

        it("keep the JWT secret before the current one when it is rotated", async () => {
            const before = secretData(production, "tradestream-auth-secrets");
            const second = await runProgram("production", { jwtSecretVersion: 2 });
            const after = secretData(second, "tradestream-auth-secrets");
            expect(after["jwt-secret-previous"]).to.equal(before["jwt-secret"]);
            expect(after["jwt-secret"]).to.not.equal(before["jwt-secret"]);
            const third = await runProgram("production", { jwtSecretVersion: 3 });
            expect(secretData(third, "tradestream-auth-secrets")["jwt-secret-previous"]).to.equal(after["jwt-secret"]);
            expect(resourceNames(third)).to.include.members(["auth-secrets-jwt-v2", "auth-secrets-jwt-v3"]);
            expect(resourceNames(third)).to.not.include("auth-secrets-jwt-v1");
        });

        it("announce the next JWT secret in place of the one before", async () => {
            const announced = await runProgram("production", { jwtSecretVersion: 2, jwtSecretNext: true });
            const [now, then] = [announced, await runProgram("production", { jwtSecretVersion: 3 })].map((program) =>
                secretData(program, "tradestream-auth-secrets"),
            );
            expect(now!["jwt-secret-previous"]).to.equal(then!["jwt-secret"]);
            expect(now!["jwt-secret"]).to.equal(then!["jwt-secret-previous"]);
            expect(annotationsOf(announced)["checksum/auth-secrets"]).to.not.equal(
                annotationsOf(await runProgram("production", { jwtSecretVersion: 2 }))["checksum/auth-secrets"],
            );
        });

        it("take a given JWT secret, and generate none", async () => {
            const jwtSecret = "given-0123456789abcdef0123456789abcdef";
            const program = await runProgram("production", { jwtSecret });
            expect(secretData(program, "tradestream-auth-secrets")).to.deep.include({ "jwt-secret": jwtSecret });
            expect(secretData(program, "tradestream-auth-secrets")).to.not.have.property("jwt-secret-previous");
            expect(resourceNames(program).filter((name) => name.includes("jwt"))).to.deep.equal([]);
        });
    });

    describe("for notifications", () => {
        it("have a generated pair of VAPID keys, the same ones each time", async () => {
            const data = secretData(production, "tradestream-notification-secrets");
            const [privateKey, publicKey] = [data["vapid-private-key"]!, data["vapid-public-key"]!];
            expect(vapidKeysMatch({ privateKey, publicKey })).to.equal(true);
            expect(resource(production, "notification-secrets-vapid-seed").inputs).to.deep.equal({
                length: 64,
                special: false,
            });
            const again = await runProgram("production", { "gatewayApi.image.tag": "v2" });
            expect(secretData(again, "tradestream-notification-secrets")).to.deep.equal(data);
        });

        it("take a given pair and a Telegram token, and generate none", async () => {
            const { privateKey, publicKey } = deriveVapidKeys("given");
            const program = await runProgram("production", {
                vapidPrivateKey: privateKey,
                vapidPublicKey: publicKey,
                telegramBotToken: "123:token",
            });
            expect(secretData(program, "tradestream-notification-secrets")).to.deep.equal({
                "vapid-private-key": privateKey,
                "vapid-public-key": publicKey,
                "telegram-bot-token": "123:token",
            });
            expect(resourceNames(program)).to.not.include("notification-secrets-vapid-seed");
        });
    });

    describe("for the database", () => {
        it("hold an address for each service, with a role and a generated password of its own", () => {
            const { "roles.sql": script, ...urls } = secretData(production, "tradestream-database-secrets");
            const passwords = {
                "postgres-url": "gateway_api:databaseXsecretsXgatewayXapixxxx",
                "notification-worker-postgres-url": "notification_worker:databaseXsecretsXnotificationXwo",
                "database-migration-postgres-url": "database_migration:databaseXsecretsXdatabaseXmigrat",
            };
            for (const [key, login] of Object.entries(passwords)) {
                expect(urls[key]!.split("?")[0]).to.equal(
                    `postgresql://${login}@tradestream-postgresql:5432/tradestream`,
                );
                expect(script).to.not.include(login.split(":")[1]);
            }
            expect(urls).to.have.all.keys(...Object.keys(passwords));
        });

        it("keep the addresses before when passwords are rotated, each under the key that its pods read", async () => {
            const name = "tradestream-database-secrets";
            const programs = [
                production,
                await runProgram("production", { "database.roles.passwordVersion": 2 }),
                await runProgram("production", { "database.roles.passwordVersion": 3 }),
            ];
            const [first, second, third] = programs.map((program) => secretData(program, name));
            const keys = ["postgres-url", "notification-worker-postgres-url", "database-migration-postgres-url"];
            for (const key of keys) {
                const alternate = `${key}-alternate`;
                expect(second![key]).to.equal(first![key]);
                expect(third![alternate]).to.equal(second![alternate]);
                expect(new URL(second![alternate]!).username).to.equal(`${new URL(first![key]!).username}_alternate`);
            }
            const read = programs.map((program) =>
                JSON.stringify(podOf(program, "Deployment", "tradestream-gateway-api")).match(/postgres-url[a-z-]*/g),
            );
            expect(read).to.deep.equal([["postgres-url"], ["postgres-url-alternate"], ["postgres-url"]]);
            const passwords = resourceNames(programs[2]!).filter((name) => /^database-secrets-.*-v\d+$/.test(name));
            const users = ["database-migration", "gateway-api", "notification-worker"];
            expect(passwords).to.have.members(
                users.flatMap((user) => [2, 3].map((version) => `database-secrets-${user}-v${version}`)),
            );
            expect(resourceNames(programs[2]!)).to.not.include("database-secrets-gateway-api");
        });

        it("restart no Redis when passwords of the database are rotated", async () => {
            const redis = async (version: number): Promise<unknown> => {
                const other = { "chart.oci": "oci://registry.example.com/charts/other", "chart.version": "1.2.3" };
                const image = { "chart.values.postgresql.image": { repository: "own/postgres", tag: "17.1" } };
                const roles = { "database.roles.enabled": true, "database.roles.passwordVersion": version };
                const change = { "redis.auth.enabled": true, ...other, ...image, ...roles };
                const { resources } = await runProgram("production", change);
                const { inputs } = resources.find(({ type }) => type.endsWith(":Release"))!;
                return (inputs as { values: { redis: object } }).values.redis;
            };
            expect(await redis(1)).to.deep.equal(await redis(2));
        });

        describe("with TLS", () => {
            const mount = { name: "database-tls", mountPath: "/etc/database-tls", readOnly: true };
            const ofServer = { secretName: "tradestream-postgresql-tls", items: [{ key: "ca.crt", path: "ca.crt" }] };
            const ofRole = (name: string) => ({
                secretName: `tradestream-database-client-${name}`,
                defaultMode: 0o440,
            });
            const services = {
                "gateway-api": "Deployment",
                "notification-worker": "CronJob",
                "database-migration": "Job",
            } as const;
            const urls = (program: Program): readonly string[] => {
                const { "roles.sql": script, ...addresses } = secretData(program, "tradestream-database-secrets");
                expect(script ?? "").to.not.include("sslmode");
                return Object.values(addresses);
            };
            const volumesOf = (program: Program, service: keyof typeof services) =>
                podOf(program, services[service], `tradestream-${service}`)["spec"]!["volumes"]!;
            const server = (program: Program): unknown => {
                const { inputs } = program.resources.find(({ type }) => type.endsWith(":Release"))!;
                return (inputs as { values: Tree }).values["postgresql"]!["tls"];
            };
            const spec = (program: Program, certificate: string) =>
                resource(program, `database-certificate-${certificate}-certificate`).inputs["spec"];

            it("let services verify the chart's PostgreSQL, and show it a certificate of their role", async () => {
                const program = await runProgram("production");
                const files = "&sslcert=/etc/database-tls/tls.crt&sslkey=/etc/database-tls/tls.key";
                for (const url of urls(program))
                    expect(new URL(url).search).to.equal(
                        `?sslmode=verify-full&sslrootcert=/etc/database-tls/ca.crt${files}`,
                    );
                for (const service of Object.keys(services) as (keyof typeof services)[]) {
                    const role = service.replace("-", "_");
                    const { containers } = podOf(program, services[service], `tradestream-${service}`)["spec"]!;
                    expect(volumesOf(program, service)).to.deep.include({ name: mount.name, secret: ofRole(service) });
                    expect(containers![0]!["volumeMounts"]).to.deep.include(mount);
                    expect(spec(program, role)).to.deep.include({
                        secretName: `tradestream-database-client-${service}`,
                        commonName: role,
                        usages: ["client auth"],
                        issuerRef: { kind: "Issuer", name: "tradestream-database-ca" },
                    });
                }
                expect(server(program)).to.deep.equal({
                    enabled: true,
                    existingSecret: "tradestream-postgresql-tls",
                    clientCertificates: "required",
                });
                expect(spec(program, "postgresql-tls")).to.deep.include({
                    secretName: "tradestream-postgresql-tls",
                    dnsNames: ["", ".tradestream", ".tradestream.svc"].map((end) => `tradestream-postgresql${end}`),
                    issuerRef: { kind: "Issuer", name: "tradestream-database-ca" },
                });
            });

            it("keep the superuser's key from the containers of services", async () => {
                const program = await runProgram("production");
                const job = podOf(program, "Job", "tradestream-database-migration")["spec"]!;
                const [roles] = job["initContainers"] as unknown as Tree[];
                const name = "database-superuser-tls";
                expect(job["volumes"]).to.deep.include({ name, secret: ofRole("postgres") });
                expect(roles!["volumeMounts"]).to.deep.equal([{ ...mount, name }]);
                expect(roles!["env"]).to.deep.include({ name: "PGSSLMODE", value: "verify-full" });
                expect(roles!["env"]).to.deep.include({ name: "PGSSLKEY", value: "/etc/database-tls/tls.key" });
                expect(job["containers"]![0]!["volumeMounts"]).to.not.deep.include({ ...mount, name });
            });

            it("are certificates of the superuser alone where services have no roles", async () => {
                const change = { "database.roles.enabled": false };
                const program = await runProgram("production", change);
                const certificates = resourceNames(program).filter((name) => name.endsWith("-certificate"));
                expect(certificates).to.have.members([
                    "database-certificate",
                    ...["database-ca", "postgresql-tls", "postgres"].map(
                        (id) => `database-certificate-${id}-certificate`,
                    ),
                ]);
                for (const service of Object.keys(services) as (keyof typeof services)[])
                    expect(volumesOf(program, service)).to.deep.include({
                        name: mount.name,
                        secret: ofRole("postgres"),
                    });
            });

            it("are certificates of both logins while passwords are rotated", async () => {
                const program = await runProgram("production", { "database.roles.passwordVersion": 2 });
                expect(volumesOf(program, "gateway-api")).to.deep.include({
                    name: mount.name,
                    secret: ofRole("gateway-api-alternate"),
                });
                expect(spec(program, "gateway_api_alternate")).to.deep.include({ commonName: "gateway_api_alternate" });
                // Pods of the release before show it.
                expect(spec(program, "gateway_api")).to.deep.include({ commonName: "gateway_api" });
            });

            it("are mounted from Secrets of the same names where something else makes them", async () => {
                const tls = {
                    "database.tls.enabled": true,
                    "database.tls.secretName": "server",
                    "database.tls.clientCertificates": "required",
                };
                const program = await runProgram("production", {
                    ...tls,
                    "database.tls.clientCertificates": "offered",
                });
                expect(resourceNames(program).filter((name) => name.endsWith("-certificate"))).to.deep.equal([
                    "database-certificate",
                ]);
                expect(volumesOf(program, "gateway-api")).to.deep.include({
                    name: mount.name,
                    secret: ofRole("gateway-api"),
                });
                expect(server(program)).to.deep.equal({
                    enabled: true,
                    existingSecret: "server",
                    clientCertificates: "offered",
                });
            });

            it("are no certificates where the server asks for none", async () => {
                const change = { "database.tls.clientCertificates": "none" };
                const program = await runProgram("staging", change);
                for (const url of urls(program)) expect(url).to.match(/\?sslmode=verify-full&sslrootcert=[^&]+$/);
                expect(volumesOf(program, "gateway-api")).to.deep.include({ name: mount.name, secret: ofServer });
                expect(resourceNames(program)).to.include("database-certificate-postgresql-tls-certificate");
                expect(resourceNames(program)).to.not.include("database-certificate-postgres-certificate");
            });
        });

        it("have the superuser's password that is given, percent-encoded", async () => {
            const change = { postgresPassword: "a b@/ü", "database.roles.enabled": false };
            const program = await runProgram("local", change);
            const data = secretData(program, "tradestream-database-secrets");
            expect(data["postgres-url"]).to.include("postgres:a%20b%40%2F%C3%BC@tradestream-postgresql");
        });

        it("leave the address of a database outside the cluster alone, and mount what its clients need", async () => {
            const databaseUrl = "postgresql://app:pw@db.example.com/trade?sslmode=verify-full";
            const program = await runProgram("production", { databaseUrl, "database.tls.secretName": "clients" });
            expect(secretData(program, "tradestream-database-secrets")).to.deep.equal({ "postgres-url": databaseUrl });
            expect(podOf(program, "Deployment", "tradestream-gateway-api")["spec"]!["volumes"]).to.deep.include({
                name: "database-tls",
                secret: { secretName: "clients", defaultMode: 0o440 },
            });
            const release = program.resources.find(({ type }) => type.endsWith(":Release"))!.inputs as { values: Tree };
            expect(release.values["postgresql"]).to.not.have.property("tls");
        });

        it("hold the superuser's address for all where there are no roles, also by default with another chart", async () => {
            const url =
                "postgresql://postgres:databaseXsecretsXpostgresxxxxxxx@tradestream-postgresql:5432/tradestream";
            for (const change of [
                { "database.roles.enabled": false },
                { "databaseMigration.enabled": false },
                { "chart.repository": "https://charts.example.com", "chart.name": "data", "chart.version": "1.2.3" },
            ]) {
                const program = await runProgram("production", change);
                const { "postgres-url": found, ...others } = secretData(program, "tradestream-database-secrets");
                expect(others).to.deep.equal({});
                expect(found!.split("?")[0]).to.equal(url);
            }
        });

        it("follow names from the configuration, and percent-encode each part", async () => {
            const program = await runProgram("production", {
                releaseName: "my-tradestream",
                "database.name": "trade",
                redis: { auth: { enabled: true } },
            });
            const data = secretData(program, "my-tradestream-database-secrets");
            expect(data["postgres-url"]).to.match(
                /^postgresql:\/\/gateway_api:\w{32}@my-tradestream-postgresql:5432\/trade\?sslmode=verify-full&/,
            );
            expect(data["redis-url"]).to.match(/^redis:\/\/:\w{32}@my-tradestream-redis-master:6379$/);
            expect(new URL(data["postgres-url"]!).pathname).to.equal("/trade");
        });

        it("hold passwords that are given, and keep the generated ones for a release before", async () => {
            const given = { postgresPassword: "p@ss/of:postgresql", redisPassword: "p@ss/of:redis-server" };
            const change = { ...given, "redis.auth.enabled": true, "database.roles.enabled": false };
            const program = await runProgram("production", change);
            const data = secretData(program, "tradestream-database-secrets");
            expect(data["redis-url"]).to.equal("redis://:p%40ss%2Fof%3Aredis-server@tradestream-redis-master:6379");
            expect(data["postgres-url"]).to.match(/^postgresql:\/\/postgres:p%40ss%2Fof%3Apostgresql@/);
            expect(resourceNames(program)).to.include.members(["database-secrets-postgres", "database-secrets-redis"]);
        });

        it("take the address of a database outside the cluster as it is", async () => {
            const databaseUrl = "postgresql://app:p%40ss%2Fword@db.example.com:6432/trade?sslmode=verify-full";
            const program = await runProgram("production", { databaseUrl });
            expect(secretData(program, "tradestream-database-secrets")).to.deep.equal({ "postgres-url": databaseUrl });
            expect(resourceNames(program)).to.not.include("database-secrets-postgres");
        });

        it("have another login for the services that are given one, and that of databaseUrl for the others", async () => {
            const url = (login: string): string =>
                `postgresql://${login}:pw@db.example.com/trade?sslmode=verify-full&sslcert=/etc/database-tls/${login}.crt`;
            const program = await runProgram("production", {
                databaseUrl: url("app"),
                databaseUrls: { gatewayApi: url("api"), databaseMigration: url("owner") },
            });
            expect(secretData(program, "tradestream-database-secrets")).to.deep.equal({
                "postgres-url": url("api"),
                "notification-worker-postgres-url": url("app"),
                "database-migration-postgres-url": url("owner"),
            });
            const keys = (["Deployment", "CronJob", "Job"] as const).flatMap((kind) =>
                objectsOf(program, kind).flatMap((object) => {
                    const { env = [] } = podOf(program, kind, objectName(object))["spec"]!["containers"]![0]! as {
                        env?: { name: string; valueFrom?: { secretKeyRef: { key: string } } }[];
                    };
                    return env.flatMap(({ name, valueFrom }) =>
                        name === "DATABASE_URL" ? [[objectName(object), valueFrom!.secretKeyRef.key]] : [],
                    );
                }),
            );
            expect(keys.map(([name, key]) => `${name!.replace(/-[0-9a-f]{8,}$/, "")} ${key}`)).to.have.members([
                "tradestream-gateway-api postgres-url",
                "tradestream-notification-worker notification-worker-postgres-url",
                "tradestream-database-migration database-migration-postgres-url",
            ]);
        });

        it("take the address of a Redis outside the cluster as it is", async () => {
            const redisUrl = "rediss://app:p%40ss%2Fword@redis.example.com:6380/1";
            const program = await runProgram("production", { redisUrl });
            expect(secretData(program, "tradestream-database-secrets")["redis-url"]).to.equal(redisUrl);
            expect(resourceNames(program)).to.not.include("database-secrets-redis");
        });
    });

    describe("made elsewhere", () => {
        let program: Program;

        before(async () => {
            program = await runProgram("production", {
                ...withoutRequired,
                "authSecrets.create": false,
                "oauthSecrets.create": false,
                "notificationSecrets.create": false,
            });
        });

        it("are not made, nor is anything generated for them", () => {
            expect(objectsOf(program, "Secret").map(({ name }) => name)).to.deep.equal(["database-secrets"]);
            expect(
                program.resources.filter(({ type }) => type.startsWith("random:")).map(({ name }) => name),
            ).to.have.members([
                "checksum-key",
                "database-secrets-postgres",
                "database-secrets-database-migration",
                "database-secrets-gateway-api",
                "database-secrets-notification-worker",
                "destroy-guard",
            ]);
        });

        it("are read under the specification's names and keys", () => {
            const env = JSON.stringify(podOf(program, "Deployment", "tradestream-gateway-api"));
            expect(env).to.equal(
                JSON.stringify(podOf(production, "Deployment", "tradestream-gateway-api"), (key, value: unknown) =>
                    /^checksum\/o?auth-secrets$/.test(key) ? undefined : value,
                ),
            );
            expect(program.exports["secretNames"]).to.deep.equal(production.exports["secretNames"]);
        });

        it("give no checksums, as nobody here sees them change", () => {
            const checksums = Object.keys(annotationsOf(program)).filter((key) => key.startsWith("checksum/"));
            expect(checksums).to.deep.equal(["checksum/database-secrets"]);
        });
    });

    describe("that change", () => {
        it("change their own checksum and no other", async () => {
            const before = annotationsOf(production);
            const after = annotationsOf(await runProgram("production", { resendApiKey: "re_another" }));
            expect(after["checksum/auth-secrets"]).to.not.equal(before["checksum/auth-secrets"]);
            expect(after["checksum/oauth-secrets"]).to.equal(before["checksum/oauth-secrets"]);
            expect(after["checksum/database-secrets"]).to.equal(before["checksum/database-secrets"]);
        });

        it("roll the pods when the JWT secret is rotated", async () => {
            const after = annotationsOf(await runProgram("production", { jwtSecretVersion: 2 }));
            expect(after["checksum/auth-secrets"]).to.not.equal(annotationsOf(production)["checksum/auth-secrets"]);
        });

        it("are not rolled for something else", async () => {
            const after = annotationsOf(await runProgram("production", { "gatewayApi.rateLimit.perMinute": 30 }));
            expect(after).to.deep.equal(annotationsOf(production));
        });

        it("have checksums that are HMACs, in plain text", () => {
            for (const [key, checksum] of Object.entries(annotationsOf(production))) {
                if (key.startsWith("checksum/")) {
                    expect(checksum).to.match(/^[0-9a-f]{64}$/);
                }
            }
            expect(resource(production, "gateway-api-deployment").secretPaths).to.deep.equal([]);
            expect(resource(production, "checksum-key").inputs).to.deep.equal({ length: 64, special: false });
        });
    });

    it("that other charts need are made before the chart", async () => {
        const program = await runProgram("production", {
            chart: { repository: "https://charts.example.com", name: "other", version: "1.0.0" },
            chartSecrets: { coinmarketcap: { apiKey: "chart-key" } },
        });
        expect(secretData(program, "coinmarketcap")).to.deep.equal({ apiKey: "chart-key" });
        expect(resource(program, "chart-coinmarketcap").secretPaths).to.deep.equal(["data"]);
        expect(resource(program, "chart", "Release").dependencies).to.include("chart-coinmarketcap");
    });

    it("are not known in a preview that generates them, and the rest is", async () => {
        const preview = await runProgram("production", {}, { preview: true });
        expect(find(preview, "Secret", "tradestream-auth-secrets")!.inputs["data"]).to.equal(unknown);
        expect(annotationsOf(preview)["checksum/auth-secrets"]).to.equal(unknown);
        expect(preview.resources.map(({ urn }) => urn)).to.have.members(production.resources.map(({ urn }) => urn));
    });
});
