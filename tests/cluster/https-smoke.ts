/** The smoke test through the Ingress: a part of https.test.ts. */
import { expect } from "chai";
import type { Change } from "../support/configuration.ts";
import { eventually, get, kubectl, type KubeObject } from "./support/commands.ts";
import { runOf } from "./support/jobs.ts";
import { onCluster } from "./support/objects.ts";
import { api, hosts } from "./support/traffic.ts";
import { namespace, upOk } from "./support/tradestream.ts";

const smokeTest = ["-n", namespace, "-l", "app.kubernetes.io/component=smoke-test"];
const controller = "traefik.ingress-nginx.svc:443";

/** The authority of the hosts' certificates is in the Secret of each of them. */
const tested: Change = {
    "smokeTest.enabled": true,
    "smokeTest.hosts": { enabled: true, connectTo: controller },
    "smokeTest.env": { CURL_CA_BUNDLE: "/etc/authority/ca.crt" },
    "smokeTest.volumes": [
        { name: "authority", mountPath: "/etc/authority", secret: { secretName: "gateway-api-tls" } },
    ],
};

/** Needs the stack with `base`, whose hosts answer. */
export function smokeTests(base: Change): void {
    describe("the smoke test", () => {
        let job: KubeObject;

        it("calls every host through the Ingress, with its certificate verified", async () => {
            await upOk({ ...base, ...tested });
            [job] = (await get("jobs", ...smokeTest)) as [KubeObject];
            expect(runOf(job).failure).to.equal(undefined);
            const log = await logOf(job);
            for (const host of hosts)
                expect(log).to.match(new RegExp(`^ok {6}https://${host}/${host === api ? "health" : ""}: 200$`, "m"));
        });

        it("control: where a connection leads elsewhere, it fails and says which hosts", async () => {
            const elsewhere = "tradestream-gateway-api:8000";
            await onCluster("create", [withScript(job, "smoke-test-elsewhere", controller, elsewhere)]);
            const run = await eventually(90, async () => {
                const found = (await get("job", "smoke-test-elsewhere", "-n", namespace))[0]!;
                return runOf(found).ended === undefined ? undefined : found;
            });
            const log = await logOf(run);
            await kubectl("delete", "job", "smoke-test-elsewhere", "-n", namespace);
            expect(runOf(run).failure, log).to.equal("BackoffLimitExceeded");
            for (const host of hosts) expect(log).to.contain(`FAILED  https://${host}/`);
            expect(log)
                .to.contain(`${hosts.length} of `)
                .and.match(/expected 200, got curl: /);
        });
    });
}

function logOf({ metadata }: KubeObject): Promise<string> {
    return kubectl("logs", `job/${metadata.name}`, "-n", namespace);
}

/** The same Job under another name, with another address in its script, and no patience for what fails. */
function withScript(job: KubeObject, name: string, from: string, to: string): object {
    const { template, backoffLimit } = job.spec as {
        readonly backoffLimit: number;
        readonly template: { readonly metadata: { readonly labels: Record<string, string> }; readonly spec: object };
    };
    // Those of the controller are another one for each Job.
    const labels = Object.fromEntries(
        Object.entries(template.metadata.labels).filter(([label]) => !/controller-uid|job-name/.test(label)),
    );
    const spec = JSON.stringify(template.spec).replaceAll(from, to).replaceAll("'--retry' '8'", "'--retry' '0'");
    return {
        ...{ apiVersion: "batch/v1", kind: "Job", metadata: { name, namespace } },
        spec: { backoffLimit, template: { metadata: { labels }, spec: JSON.parse(spec) as object } },
    };
}
