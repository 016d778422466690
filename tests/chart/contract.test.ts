/** The names, labels, ports and keys that the program and TradeStream's services count on, as the published chart has them. */
import { expect } from "chai";
import { switchedOff } from "../../config/chartValues.ts";
import { buildTimeout, find, helmBinary, minimal, nameOf, password, render, statefulSets } from "./helm.ts";

describe("the chart's contract", () => {
    before(async function () {
        this.timeout(buildTimeout);
        await helmBinary();
    });

    for (const release of ["tradestream", "my-tradestream", "t".repeat(39)]) {
        describe(`release ${release}`, () => {
            it("has exactly these objects, all in the release's namespace", async () => {
                const manifests = await render(minimal, release);
                expect(manifests.map(nameOf)).to.have.members([
                    `ServiceAccount/${release}-postgresql`,
                    `Secret/${release}-postgresql`,
                    `Service/${release}-postgresql`,
                    `Service/${release}-postgresql-hl`,
                    `StatefulSet/${release}-postgresql`,
                    `ServiceAccount/${release}-redis-master`,
                    `ConfigMap/${release}-redis-configuration`,
                    `Service/${release}-redis-master`,
                    `Service/${release}-redis-headless`,
                    `StatefulSet/${release}-redis-master`,
                ]);
                for (const manifest of manifests)
                    expect(manifest.metadata?.namespace, nameOf(manifest)).to.equal("test");
            });

            it("keeps the password under postgres-password", async () => {
                const secret = find(await render(minimal, release), "Secret", `${release}-postgresql`);
                expect(secret.data).to.deep.equal({ "postgres-password": Buffer.from(password).toString("base64") });
            });

            for (const [name, component, service, headless, port] of [
                ["postgresql", "primary", `${release}-postgresql`, `${release}-postgresql-hl`, 5432],
                ["redis", "master", `${release}-redis-master`, `${release}-redis-headless`, 6379],
            ] as const) {
                const selector = {
                    "app.kubernetes.io/name": name,
                    "app.kubernetes.io/instance": release,
                    "app.kubernetes.io/component": component,
                };

                it(`serves ${name} on ${port}, through a Service that selects its pod`, async () => {
                    const manifests = await render(minimal, release);
                    const set = find(manifests, "StatefulSet", service);
                    expect(set.spec?.serviceName).to.equal(headless);
                    expect(set.spec?.selector.matchLabels).to.deep.equal(selector);
                    expect(set.spec?.template.metadata?.labels).to.include(selector);
                    const port_ = set.spec?.template.spec?.containers[0]?.ports?.[0];
                    expect(port_).to.deep.equal({ name: `tcp-${name}`, containerPort: port, protocol: "TCP" });
                    for (const each of [service, headless]) {
                        const { spec } = find(manifests, "Service", each);
                        expect(spec?.type).to.equal("ClusterIP");
                        expect(spec?.selector).to.deep.equal(selector);
                        expect(spec?.ports).to.deep.equal([
                            { name: `tcp-${name}`, port, targetPort: `tcp-${name}`, protocol: "TCP" },
                        ]);
                    }
                    expect(find(manifests, "Service", headless).spec?.clusterIP).to.equal("None");
                    expect(find(manifests, "Service", service).spec?.clusterIP).to.equal(undefined);
                });
            }
        });
    }

    it("puts the recommended labels on every object and pod, as valid label values", async () => {
        const tag = `1.2.3-${"x".repeat(60)}`;
        const manifests = await render({ ...minimal, redis: { image: { tag } } });
        const pods = statefulSets(manifests).map((set) => set.spec?.template.metadata?.labels ?? {});
        for (const labels of [...manifests.map((manifest) => manifest.metadata?.labels ?? {}), ...pods]) {
            for (const key of ["name", "instance", "version", "component", "part-of", "managed-by"]) {
                expect(labels[`app.kubernetes.io/${key}`], key).to.match(
                    /^[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/,
                );
            }
            expect(labels["app.kubernetes.io/part-of"]).to.equal("tradestream");
        }
    });

    it("lets labels of the pod be added, but not replaced", async () => {
        const podLabels = { team: "data", "app.kubernetes.io/name": "other" };
        const manifests = await render({ ...minimal, redis: { master: { podLabels } } });
        const labels = find(manifests, "StatefulSet", "tradestream-redis-master").spec?.template.metadata?.labels;
        expect(labels).to.include({ team: "data", "app.kubernetes.io/name": "redis" });
    });

    it("runs the images that the local stack names, with a version that looks like a number", async () => {
        const image = (repository: string, tag: string) => ({ registry: "debian.tradestream.local", repository, tag });
        const manifests = await render({
            postgresql: { ...minimal.postgresql, image: image("postgresql", "15") },
            redis: { image: image("redis", "7") },
        });
        const [postgresql, redis] = statefulSets(manifests).map((set) => set.spec?.template);
        expect(postgresql?.spec?.containers[0]?.image).to.equal("debian.tradestream.local/postgresql:15");
        expect(redis?.spec?.containers[0]?.image).to.equal("debian.tradestream.local/redis:7");
        expect(postgresql?.metadata?.labels?.["app.kubernetes.io/version"]).to.equal("15");
        expect(redis?.metadata?.labels?.["app.kubernetes.io/version"]).to.equal("7");
    });

    it("prefers a digest to the tag", async () => {
        const digest = `sha256:${"0".repeat(64)}`;
        const [postgresql] = statefulSets(await render({ postgresql: { ...minimal.postgresql, image: { digest } } }));
        expect(postgresql?.spec?.template.spec?.containers[0]?.image).to.equal(`docker.io/library/postgres@${digest}`);
    });

    it("accepts what the program always sends for the published chart", async () => {
        const manifests = await render({
            ...minimal,
            ...switchedOff,
            influxdb: { enabled: false },
            global: { imageRegistry: "example.org" },
        });
        expect(manifests).to.deep.equal(await render());
    });
});
