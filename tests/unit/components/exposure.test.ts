/** What brings requests to the web services: Ingresses of several controllers, routes of the Gateway API, or both. */
import { expect } from "chai";
import { deployerRoles } from "../../../scripts/rbac.ts";
import { type Program, runProgram } from "../../support/mocks.ts";
import { bothWays, routesAlone } from "../../support/exposure.ts";
import { find, inputsOf, objectName, objectsOf, resource, type Tree } from "../../support/objects.ts";

const [api, dashboard] = ["tradestream-gateway-api", "tradestream-agent-dashboard"] as const;
const alone = routesAlone("example", "letsencrypt-prod");
const specOf = (program: Program, name: string): Tree => inputsOf(program, "HTTPRoute", name)["spec"]!;
const matchOf = (value: string, type = "PathPrefix") => ({ path: { type, value } });

describe("a stack with a Gateway of its own", () => {
    let program: Program;
    before(async () => {
        program = await runProgram("production", alone);
    });

    it("has a listener with TLS for each host, and one for plain HTTP, for routes of its namespace alone", () => {
        const gateway = inputsOf(program, "Gateway", "tradestream-gateway");
        expect(gateway["metadata"]!["annotations"]).to.deep.equal({
            "cert-manager.io/cluster-issuer": "letsencrypt-prod",
            "pulumi.com/waitFor": "condition=Programmed",
        });
        const listeners = gateway["spec"]!["listeners"]!.map(({ name, hostname, port, protocol, tls }) => ({
            ...{ name, hostname, port, protocol },
            secret: tls?.["certificateRefs"]![0]!["name"],
        }));
        const https = (name: string, secret: string) => ({
            ...{ name, hostname: name, port: 443, protocol: "HTTPS", secret },
        });
        expect(listeners).to.deep.equal([
            { name: "http", hostname: undefined, port: 80, protocol: "HTTP", secret: undefined },
            https("api.tradestream.io", "gateway-api-tls-gateway"),
            https("tradestream.io", "agent-dashboard-tls-gateway"),
            https("www.tradestream.io", "agent-dashboard-tls-gateway"),
        ]);
        for (const { allowedRoutes } of gateway["spec"]!["listeners"]!)
            expect(allowedRoutes).to.deep.equal({ namespaces: { from: "Same" } });
    });

    it("has no Ingress, and a route for each host to its Service", () => {
        expect(objectsOf(program, "Ingress")).to.deep.equal([]);
        expect(objectsOf(program, "HTTPRoute").map(objectName)).to.have.members([
            ...["api.tradestream.io", "redirect"].map((suffix) => `${api}-${suffix}`),
            ...["tradestream.io", "www.tradestream.io", "redirect"].map((suffix) => `${dashboard}-${suffix}`),
        ]);
        expect(specOf(program, `${dashboard}-www.tradestream.io`)).to.deep.equal({
            parentRefs: [{ name: "tradestream-gateway", sectionName: "www.tradestream.io" }],
            hostnames: ["www.tradestream.io"],
            rules: [{ matches: [matchOf("/")], backendRefs: [{ name: dashboard, port: 80 }] }],
        });
    });

    it("redirects plain HTTP", () => {
        const filters = [{ type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 301 } }];
        expect(specOf(program, `${dashboard}-redirect`)).to.deep.equal({
            parentRefs: [{ name: "tradestream-gateway", sectionName: "http" }],
            hostnames: ["tradestream.io", "www.tradestream.io"],
            rules: [{ filters }],
        });
    });

    it("makes its routes when the Gateway and the Service are there", () => {
        const { dependencies } = resource(program, "gateway-api-route-api.tradestream.io");
        expect(dependencies).to.include.members(["gateway-gateway", "gateway-api-service"]);
    });

    it("limits the time of every answer but those of event streams", async () => {
        const backendRefs = [{ name: api, port: 8000 }];
        const streams = { matches: [matchOf("/api/signals/stream")], backendRefs, timeouts: { request: "0s" } };
        expect(specOf(program, `${api}-api.tradestream.io`)["rules"]).to.deep.equal([
            streams,
            { matches: [matchOf("/")], backendRefs },
        ]);
        const limited = await runProgram("production", { ...alone, "gatewayApi.ingress.timeoutSeconds": 30 });
        expect(specOf(limited, `${api}-api.tradestream.io`)["rules"]).to.deep.equal([
            streams,
            { matches: [matchOf("/")], backendRefs, timeouts: { request: "30s" } },
        ]);
    });

    it("has browsers use HTTPS alone where that is asked for", async () => {
        const strict = await runProgram("production", { ...alone, "gatewayApi.ingress.hstsSeconds": 600 });
        const set = [{ name: "Strict-Transport-Security", value: "max-age=600" }];
        for (const { filters } of specOf(strict, `${api}-api.tradestream.io`)["rules"]!)
            expect(filters).to.deep.equal([{ type: "ResponseHeaderModifier", responseHeaderModifier: { set } }]);
        expect(JSON.stringify(specOf(strict, `${dashboard}-tradestream.io`))).to.not.include("filters");
    });

    it("serves only the paths of a host, and its streams only below them", async () => {
        const paths = [{ path: "/api/" }, { path: "/health", pathType: "Exact" }];
        const here = await runProgram("production", { ...alone, "gatewayApi.ingress.hosts[0].paths": paths });
        expect(specOf(here, `${api}-api.tradestream.io`)["rules"]!.map(({ matches }) => matches)).to.deep.equal([
            [matchOf("/api/signals/stream")],
            [matchOf("/api/"), matchOf("/health", "Exact")],
        ]);
        const elsewhere = { ...alone, "gatewayApi.ingress.hosts[0].paths": [{ path: "/ap" }, { path: "/v1" }] };
        expect(specOf(await runProgram("production", elsewhere), `${api}-api.tradestream.io`)["rules"]).to.have.length(
            1,
        );
    });

    it("takes the Secrets as they are named where cert-manager does not write them", async () => {
        const given = { ...alone, "gateway.annotations": { "networking.gke.io/certmap": "shop" } };
        const change = { ...given, "policy.enforce": false };
        const { listeners } = inputsOf(await runProgram("production", change), "Gateway", "tradestream-gateway")[
            "spec"
        ]!;
        expect(listeners![1]!["tls"]!["certificateRefs"]![0]!["name"]).to.equal("gateway-api-tls");
    });

    it("has one listener for a host that two services share", async () => {
        const program = await runProgram("production", {
            ...alone,
            "gatewayApi.ingress.hosts[0]": { host: "tradestream.io", paths: [{ path: "/api" }] },
            "gatewayApi.ingress.tls[0].hosts": ["tradestream.io"],
            "gatewayApi.urls.api": "https://tradestream.io/api",
        });
        const { listeners } = inputsOf(program, "Gateway", "tradestream-gateway")["spec"]!;
        expect(listeners!.map(({ name }) => String(name))).to.deep.equal([
            ...["http", "tradestream.io", "www.tradestream.io"],
        ]);
    });

    it("has Ingresses too on the way there, whose certificates are other Secrets", async () => {
        const program = await runProgram("production", bothWays("example", "letsencrypt-prod"));
        expect(objectsOf(program, "HTTPRoute")).to.have.length(5);
        expect(inputsOf(program, "Ingress", api)["spec"]!["tls"]![0]!["secretName"]).to.equal("gateway-api-tls");
    });

    it("lets certificate authorities ask, and has neither Gateway nor routes where nothing is exposed", async () => {
        expect(find(program, "NetworkPolicy", "tradestream-acme-solver")).to.not.equal(undefined);
        const closed = await runProgram("production", {
            ...alone,
            "gatewayApi.ingress.enabled": false,
            "agentDashboard.ingress.enabled": false,
        });
        expect([...objectsOf(closed, "Gateway"), ...objectsOf(closed, "HTTPRoute")]).to.deep.equal([]);
    });
});

describe("a stack with an existing Gateway", () => {
    const existing = {
        exposure: "gateway",
        gateway: { name: "shared", namespace: "edge", sectionName: "https" },
        "gatewayApi.ingress": { hosts: [{ host: "api.tradestream.io" }] },
        "agentDashboard.ingress": { hosts: [{ host: "tradestream.io" }] },
    };

    it("attaches its routes to the named listener, and has neither Gateway nor certificates", async () => {
        const program = await runProgram("production", existing);
        expect(objectsOf(program, "Gateway")).to.deep.equal([]);
        expect(find(program, "NetworkPolicy", "tradestream-acme-solver")).to.equal(undefined);
        expect(objectsOf(program, "HTTPRoute").map(objectName)).to.have.members([
            `${api}-api.tradestream.io`,
            `${dashboard}-tradestream.io`,
        ]);
        expect(specOf(program, `${api}-api.tradestream.io`)["parentRefs"]).to.deep.equal([
            { name: "shared", namespace: "edge", sectionName: "https" },
        ]);
    });

    it("redirects from its plain listener where that is named", async () => {
        const program = await runProgram("production", { ...existing, "gateway.httpSectionName": "http" });
        expect(specOf(program, `${api}-redirect`)["parentRefs"]).to.deep.equal([
            { name: "shared", namespace: "edge", sectionName: "http" },
        ]);
    });
});

describe("a deployer of routes", () => {
    const rulesFor = (object: object): readonly unknown[] =>
        deployerRoles([{ source: "a (b)", object: object as Record<string, unknown> }], "deployer").flatMap(
            ({ object: role }) => role["rules"] as readonly unknown[],
        );
    const mayGet = (resource: string, name: string) => ({
        apiGroups: ["gateway.networking.k8s.io"],
        resources: [resource],
        resourceNames: [name],
        verbs: ["get"],
    });
    const metadata = { name: "a", namespace: "tradestream" };

    it("may read the class of the stack's Gateway, which the program reads first", () => {
        const gateway = { kind: "Gateway", metadata, spec: { gatewayClassName: "example" } };
        expect(rulesFor(gateway)).to.deep.include(mayGet("gatewayclasses", "example"));
    });

    it("may read the Gateway of another namespace, and no class", () => {
        const parentRefs = [{ name: "shared", namespace: "edge", sectionName: "https" }];
        const rules = rulesFor({ kind: "HTTPRoute", metadata, spec: { parentRefs } });
        expect(rules).to.deep.include(mayGet("gateways", "shared"));
        expect(JSON.stringify(rules)).to.not.include("gatewayclasses");
    });
});

describe("an Ingress", () => {
    const annotations = { "cert-manager.io/cluster-issuer": "letsencrypt-prod" };
    const [nginx, traefik, alb] = ["nginx", "traefik", "alb"].map((name) => `${name}.ingress.kubernetes.io`);
    const forms: Readonly<
        Record<string, readonly [change: Record<string, unknown>, annotations: object, className?: string]>
    > = {
        nginx: [
            {
                maxBodySize: "5m",
                timeoutSeconds: 60,
                requestsPerSecond: 20,
                rewriteTarget: "/$2",
                hstsSeconds: 31_536_000,
                "hosts[0].paths": [{ path: "/(v1/)?(.*)", pathType: "ImplementationSpecific" }],
            },
            {
                [`${nginx}/ssl-redirect`]: "true",
                [`${nginx}/force-ssl-redirect`]: "true",
                [`${nginx}/proxy-buffering`]: "off",
                [`${nginx}/proxy-body-size`]: "5m",
                [`${nginx}/proxy-read-timeout`]: "60",
                [`${nginx}/proxy-send-timeout`]: "60",
                [`${nginx}/limit-rps`]: "20",
                [`${nginx}/use-regex`]: "true",
                [`${nginx}/rewrite-target`]: "/$2",
                [`${nginx}/custom-headers`]: "tradestream/tradestream-gateway-api-headers",
            },
            "nginx",
        ],
        traefik: [{}, { [`${traefik}/router.entrypoints`]: "websecure", [`${traefik}/router.tls`]: "true" }, "traefik"],
        alb: [
            { timeoutSeconds: 3600, hstsSeconds: 600 },
            {
                [`${alb}/listen-ports`]: '[{"HTTP":80},{"HTTPS":443}]',
                [`${alb}/ssl-redirect`]: "443",
                [`${alb}/target-type`]: "ip",
                [`${alb}/load-balancer-attributes`]: "idle_timeout.timeout_seconds=3600",
                [`${alb}/listener-attributes.HTTPS-443`]:
                    "routing.http.response.strict_transport_security.header_value=max-age=600",
            },
            "alb",
        ],
        gce: [{}, { "kubernetes.io/ingress.allow-http": "false", "kubernetes.io/ingress.class": "gce" }],
        none: [{ className: "haproxy" }, {}, "haproxy"],
    };
    for (const [controller, [ingress, wanted, className]] of Object.entries(forms))
        it(`of the controller ${controller} has its annotations and its class`, async () => {
            const values = Object.entries({ controller, className: undefined, annotations, ...ingress });
            const common = ["controller", "className", "annotations"];
            const change = Object.fromEntries(
                ["gatewayApi", "agentDashboard"].flatMap((service) =>
                    (service === "gatewayApi" ? values : values.filter(([key]) => common.includes(key))).map(
                        ([key, value]) => [`${service}.ingress.${key}`, value],
                    ),
                ),
            );
            const program = await runProgram("production", {
                ...change,
                "networkPolicy.ingressCidrs": ["130.211.0.0/22"],
            });
            const { metadata, spec } = inputsOf(program, "Ingress", api) as unknown as Record<string, Tree>;
            expect(metadata!["annotations"]).to.deep.equal({ ...wanted, ...annotations });
            expect(spec!["ingressClassName"]).to.equal(className);
            expect(inputsOf(program, "NetworkPolicy", dashboard)["spec"]!["ingress"]![0]!["from"]![1]).to.deep.equal({
                ipBlock: { cidr: "130.211.0.0/22" },
            });
        });
});

it("an nginx Ingress reads the headers of its answers from a ConfigMap", async () => {
    const program = await runProgram("production", { "gatewayApi.ingress.hstsSeconds": 600 });
    expect(inputsOf(program, "ConfigMap", `${api}-headers`)["data"]).to.deep.equal({
        "Strict-Transport-Security": "max-age=600",
    });
    expect(find(await runProgram("production"), "ConfigMap", `${api}-headers`)).to.equal(undefined);
});
