/**
 * HTTPS as a client meets it: through a real ingress controller and with certificates of a real cert-manager, by the Ingresses
 * of production, while the network policies are enforced.
 */
import { expect } from "chai";
import { installHttps } from "../../local/https/index.ts";
import { createReport } from "../../local/report.ts";
import { record } from "../evidence.ts";
import { optionsTests } from "./https-options.ts";
import { smokeTests } from "./https-smoke.ts";
import { traefikTests } from "./https-traefik.ts";
import { type Form, type Place, rolloutTest, services, trafficTests } from "./https-traffic.ts";
import { eventually, get, kubectl } from "./support/commands.ts";
import { servedSerial, session, showsAnother } from "./support/databases.ts";
import { drill } from "./support/drills.ts";
import { Enforcer } from "./support/enforcer.ts";
import { ask, wayIn, type Way } from "./support/https.ts";
import { pause } from "./support/load.ts";
import { cluster } from "./support/cluster-name.ts";
import { Streams } from "./support/streams.ts";
import { answered, api, exposed, reissue, removeHttps, underLoad } from "./support/traffic.ts";
import { isSoak, namespace, refresh, settled, start, upOk } from "./support/tradestream.ts";

const megabyte = 1024 * 1024;
const form = {
    suite: "HTTPS",
    through: "Ingress",
    // With TLS to the database too, as production has it.
    base: { ...exposed("ingress"), "database.tls.enabled": true },
    redirect: 308,
    withoutRedirect: async (action) => {
        const annotate = (value: string): Promise<string> =>
            kubectl(
                ...["annotate", "--overwrite", "-n", namespace, "ingress/tradestream-gateway-api"],
                ...["ssl-redirect", "force-ssl-redirect"].map((key) => `nginx.ingress.kubernetes.io/${key}=${value}`),
            );
        await annotate("false");
        await action().finally(() => annotate("true"));
    },
    certificate: "gateway-api-tls",
} as const satisfies Form;
const { suite } = form;

describe("HTTPS", function () {
    this.timeout(isSoak ? 3_600_000 : 600_000);
    let enforcer: Enforcer;
    let way: Way;

    before(async () => {
        await installHttps(cluster, createReport());
        enforcer = await Enforcer.start();
        await start(form.base);
        await Promise.all(services.map(settled));
        way = await wayIn();
        await answered(way);
    });

    after(async () => {
        await enforcer?.stop();
        await removeHttps();
    });

    const place = (): Place => ({ way, enforcer });
    trafficTests(form, place);

    it("refuses bodies that are larger than production allows", async () => {
        const posted = async (megabytes: number): Promise<number> =>
            (await ask(`https://${api}/api/token`, way, megabytes * megabyte)).status;
        // It reaches the service.
        expect(await posted(9)).to.equal(200);
        // The connection is closed right after the answer, sometimes before this client has read it.
        expect(await eventually(60, () => posted(11))).to.equal(413);
    });

    it("the renewed certificates of the database and its roles are used, and no request fails", async () => {
        const certificates = ["tradestream-postgresql-tls", "tradestream-database-client-gateway-api"];
        const issued = (): Promise<readonly unknown[]> =>
            Promise.all(
                certificates.map(async (name) => (await get("secret", name, "-n", namespace))[0]!.data!["tls.crt"]),
            );
        const [before, served, shown] = [await issued(), await servedSerial(), await session("client_serial")];
        const { requests, failures } = await underLoad(way, async () => {
            await Promise.all(certificates.map(reissue));
            await eventually(60, async () =>
                (await issued()).every((certificate, index) => certificate !== before[index]) ? true : undefined,
            );
            await refresh("tradestream-postgresql-0");
            await refresh("-l", "app.kubernetes.io/component=gateway-api");
            await eventually(120, async () => ((await servedSerial()) === served ? undefined : true));
        });
        record({
            suite,
            name: `failed requests of ${requests}, certificates of the database and of a role renewed`,
            value: failures.length,
            requirement: "0",
        });
        expect(failures).to.deep.equal([]);
        await showsAnother(shown, () => ask(`https://${api}/api/status`, way));
    });

    it("the drill expire-certificate renews one as well, and says how long it took", async () => {
        const { code, said, record: made } = await drill("expire-certificate");
        expect(code, said).to.equal(0);
        expect(made).to.include({ drill: "expire-certificate", met: true }).and.not.have.property("failedRequests");
        expect(said).to.match(/not asked, as they do not answer here: https:\/\/\S*tradestream\.test\//);
    });

    rolloutTest(form, 2, place);

    it("control: without preStop and drain the same load sees failures", async () => {
        const off = { DRAIN_SECONDS: "0", FINISH_SECONDS: "0" };
        const unprotected = {
            ...form.base,
            ...{ "gatewayApi.preStopSleepSeconds": 0, "gatewayApi.env": off },
            ...{ "agentDashboard.preStopSleepSeconds": 0, "agentDashboard.env": off },
        };
        let lost: readonly string[] = [];
        let broken: readonly string[] = [];
        let rollouts = 0;
        // Whether a request hits the moment is chance; several rollouts without any failure would be a blind test.
        for (; lost.length + broken.length === 0 && rollouts < 4; rollouts++) {
            await upOk(unprotected);
            await Promise.all(services.map(settled));
            const streams = new Streams(`https://${api}/api/signals/stream`, 4, way);
            ({ failures: lost } = await underLoad(way, async () => {
                await upOk(form.base);
                await Promise.all(services.map(settled));
            }));
            ({ failures: broken } = await streams.stop());
        }
        const times = `${rollouts} rollout${rollouts > 1 ? "s" : ""}`;
        const name = `control, without preStop and drain: failed requests and broken streams in ${times}`;
        record({ suite, name, value: `${lost.length} and ${broken.length}`, requirement: "more than 0" });
        expect([...lost, ...broken]).not.to.deep.equal([]);
    });

    it("control: the same load notices a deleted certificate, and a service without pods", async () => {
        const { failures } = await underLoad(way, async () => {
            // Otherwise it issues another within a second.
            const manager = ["-n", "cert-manager", "deployment/cert-manager"];
            await kubectl("scale", ...manager, "--replicas=0");
            await kubectl("wait", "pods", "--all", "-n", "cert-manager", "--for=delete", "--timeout=60s");
            await kubectl("delete", "secret", "-n", namespace, "gateway-api-tls");
            await pause(5000);
            await kubectl("scale", ...manager, "--replicas=1");
            const dashboard = ["scale", "-n", namespace, "deployment/tradestream-agent-dashboard"];
            await kubectl(...dashboard, "--replicas=0");
            await pause(10_000);
            await kubectl(...dashboard, "--replicas=2");
            await settled("agent-dashboard");
        });
        const said = failures.join("\n");
        record({
            suite,
            name: "control, certificate deleted and service without pods: failures",
            value: failures.length,
            requirement: "more than 0",
        });
        expect(said)
            .to.match(/certificate/)
            .and.match(/status 50[234]/);
    });

    smokeTests(form.base);
    optionsTests(form.base, place);
    traefikTests(form.base, place);
});
