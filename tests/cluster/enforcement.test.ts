/**
 * The intended matrix of tests/isolation again, this time with packets: connections from the addresses of real pods, while
 * Weave Net's policy controller drops what the policies refuse.
 *
 * It checks what is forwarded. Between a pod and its own node everything passes, as Kubernetes has it; "node" in the
 * matrix is another one. Other network plug-ins may check at another place of the way, and of IPv6 this says nothing.
 */
import { expect } from "chai";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { status } from "../../local/cluster/index.ts";
import { nodeAddress } from "../../local/cluster/settings.ts";
import { record } from "../evidence.ts";
import { run } from "../isolation/go.ts";
import { intendedOf, isIntended, nameOf, type Question, questions } from "../isolation/matrix.ts";
import { isSmokeTest, peersOf, rendered, type RenderedObject } from "../isolation/rendered.ts";
import { eventually, get, kubectl, serviceUrl } from "./support/commands.ts";
import { Enforcer } from "./support/enforcer.ts";
import { cluster } from "./support/cluster-name.ts";
import { nodeProcess } from "./support/node.ts";
import { onCluster } from "./support/objects.ts";
import { type End, gatherPeers, type Peers } from "./support/peers.ts";
import { isReady, namespace, podsOf, start } from "./support/tradestream.ts";

const suite = "Isolation, enforced";
/** Of the stack `local` with its smoke test, and the policy about certificates that the test adds. */
const intended = intendedOf({ certificates: true, smokeTest: true, backups: false });
/** Milliseconds after which a connection counts as refused: time for the second of a connection's first packets. */
const patience = 2000;

/** Services of the platform: their names, what is behind them in the matrix, and its port. */
const services = [
    ["tradestream-gateway-api", "gateway", 8000],
    ["tradestream-agent-dashboard", "dashboard", 80],
    ["tradestream-postgresql", "postgresql", 5432],
    ["tradestream-redis-master", "redis", 6379],
] as const;

function policiesOf(objects: readonly RenderedObject[]): readonly RenderedObject[] {
    return objects.filter(({ kind }) => kind === "NetworkPolicy");
}

/** Whether each connection got through. */
async function tried(asked: readonly Question<End>[]): Promise<readonly boolean[]> {
    const connections = asked.map(({ connection: { port, protocol }, from, to }) => ({ from, to, port, protocol }));
    return JSON.parse(await run("packets", { connections, patience })) as boolean[];
}

/** Connections that got through, or did not, against the intention. */
async function findingsOf(asked: readonly Question<End>[]): Promise<readonly string[]> {
    const reached = await tried(asked);
    return asked.flatMap((question, index) =>
        reached[index] === question.isIntended
            ? []
            : [`${nameOf(question)}: ${reached[index] ? "allowed" : "refused"}`],
    );
}

/** A page as another process gets it, within a network. */
async function fetched(network: string, url: string): Promise<string> {
    const script = `const r = await fetch(${JSON.stringify(url)}); console.log(r.status, await r.text());`;
    const command = [`--net=${network}`, process.execPath, "--input-type=module", "-e", script];
    return (await promisify(execFile)("nsenter", command, { timeout: 5000 })).stdout;
}

describe("isolation, enforced", function () {
    this.timeout(400_000);
    const local = rendered("local");
    const production = policiesOf(rendered("production"));
    // The stack `local` asks for no certificates. With this one more, it has what the others have.
    const solver = production.filter(({ metadata }) => metadata.name === "tradestream-acme-solver");
    let enforcer: Enforcer;
    let peers: Peers;
    let asked: readonly Question<End>[];

    before(async () => {
        enforcer = await Enforcer.start();
        await start({ "smokeTest.enabled": true });
        await onCluster("delete", solver, "--ignore-not-found"); // of a run that was interrupted
        await onCluster("create", solver);
        // Its autoscaler would come to two as well, later; with them, pods of one kind can be tried among themselves.
        const gateway = "deployment/tradestream-gateway-api";
        await kubectl("scale", gateway, "-n", namespace, "--replicas=2");
        await kubectl("rollout", "status", gateway, "-n", namespace, "--timeout=60s");
        peers = await gatherPeers(peersOf([...local, ...rendered("production").filter(isSmokeTest)]));
        // A pod reaches itself without any network.
        asked = questions(intended, peers.ends).filter(({ from, to }) => from.ip !== to.ip);
        // The newest pods become known to the enforcer a moment after they are ready.
        const allowed = asked.filter((question) => question.isIntended);
        await eventually(60, async () => ((await findingsOf(allowed)).length === 0 ? true : undefined));
    });

    after(async () => {
        try {
            await peers?.remove();
            await onCluster("delete", solver, "--ignore-not-found");
        } finally {
            await enforcer?.stop();
        }
    });

    it("the policies are those of production", async () => {
        // The API server leaves out lists without entries.
        const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
        const specs = (policies: readonly Pick<RenderedObject, "spec">[]): unknown[] =>
            policies.map(
                ({ spec }) =>
                    JSON.parse(
                        JSON.stringify(spec, (_, value: unknown) => (isEmpty(value) ? undefined : value)),
                    ) as unknown,
            );
        expect(solver).to.have.length(1);
        expect(specs(await get("networkpolicies", "-n", namespace))).to.have.deep.members(specs(production));
    });

    it("the policies use nothing that the enforcer does not know", () => {
        interface Rules {
            readonly [direction: string]: readonly { readonly ports?: readonly Readonly<Record<string, unknown>>[] }[];
        }
        const specs = production.map(({ spec }) => spec as unknown as Rules);
        const rules = specs.flatMap(({ ingress = [], egress = [] }) => [...ingress, ...egress]);
        const ports = rules.flatMap(({ ports = [] }) => ports);
        expect(ports).not.to.deep.equal([]);
        // It ends with an error where a port has a name, and overlooks `endPort`, which is younger than the library.
        for (const port of ports)
            expect(port).to.have.all.keys("protocol", "port").and.to.have.property("port").a("number");
    });

    it("TradeStream comes up and answers, with its database and cache", async () => {
        const nginx = peers.ends.get("nginx")![0]!.network!;
        const ready = await fetched(nginx, `${await serviceUrl("tradestream-gateway-api")}/ready`);
        expect(ready).to.match(/^200 /);
        expect(await fetched(nginx, await serviceUrl("tradestream-agent-dashboard"))).to.match(/^200 .*TradeStream/s);
        const job = ["job", "worker-once", "-n", namespace];
        await kubectl("create", ...job, "--from=cronjob/tradestream-notification-worker");
        await kubectl("wait", ...job, "--for=condition=Complete", "--timeout=60s");
        await kubectl("delete", ...job);
    });

    it("the node asks its pods for their health", async () => {
        const pods = [...(await podsOf("gateway-api")), ...(await podsOf("agent-dashboard"))];
        expect(pods.every(isReady)).to.equal(true);
        const node = { ip: nodeAddress(status(cluster).settings!), network: `/proc/${nodeProcess()}/ns/net` };
        const [gateway] = peers.ends.get("gateway")!;
        const connection = { from: "own node", to: "gateway", port: 8000, protocol: "TCP" } as const;
        expect(await tried([{ connection, from: node, to: gateway!, isIntended: true }])).to.deep.equal([true]);
    });

    it("every connection is as intended", async () => {
        const findings = await findingsOf(asked);
        enforcer.check();
        expect(findings).to.deep.equal([]);
        const allowed = asked.filter((question) => question.isIntended).length;
        record({ suite, name: "connections tried between real addresses", value: asked.length });
        record({ suite, name: "of these, got through", value: allowed });
        record({ suite, name: "of these, dropped", value: asked.length - allowed });
        record({ suite, name: "of these, decided otherwise than intended", value: findings.length, requirement: "0" });
    });

    it("so is every connection to a Service, decided by the pod behind it", async () => {
        const behind = await Promise.all(
            services.map(async ([name, to, port]) => {
                const { hostname: ip, port: own } = new URL(await serviceUrl(name));
                return [...peers.ends].flatMap(([from, ends]) =>
                    ends.map((end): Question<End> => ({
                        connection: { from, to, port: Number(own || 80), protocol: "TCP" },
                        ...{ from: end, to: { ip } },
                        isIntended: isIntended(intended, { from, to, port, protocol: "TCP" }),
                    })),
                );
            }),
        );
        const findings = await findingsOf(behind.flat());
        enforcer.check();
        expect(findings).to.deep.equal([]);
        record({ suite, name: "connections tried to Services", value: behind.flat().length });
        record({ suite, name: "of those, decided otherwise than intended", value: findings.length, requirement: "0" });
    });

    it("control: without the default deny, pods that no other policy is about are open", async () => {
        await kubectl("delete", "networkpolicy", "tradestream-default-deny", "-n", namespace);
        const open = asked.filter(
            ({ connection: { from, to, port } }) => from === "bare" && to === "public" && port === 443,
        );
        await eventually(20, async () => ((await tried(open)).every(Boolean) ? true : undefined));
        const findings = await findingsOf(asked);
        enforcer.check();
        expect(findings.filter((finding) => !/bare|solver|backup/.test(finding))).to.deep.equal([]);
        expect(findings.some((finding) => /^bare .* to public .*, TCP 443: allowed/.test(finding))).to.equal(true);
        record({
            suite,
            name: "control, a namespace without its default deny: connections that get through though they should not",
            value: findings.length,
        });
    });

    it("control: without the enforcer, every connection gets through", async () => {
        await enforcer.stop();
        const reached = await tried(asked);
        expect(asked.filter((_, index) => !reached[index]).map(nameOf)).to.deep.equal([]);
        record({
            suite,
            name: "control, policies that nobody enforces: connections that get through, of all tried",
            value: reached.length,
        });
    });

    it("leaves no rule on the cluster", async () => {
        const inNode = ["--target", String(nodeProcess()), "--net", "--"];
        const rules = await promisify(execFile)("nsenter", [...inNode, "iptables", "-S"]);
        expect(rules.stdout).not.to.match(/WEAVE|veth/);
        const sets = await promisify(execFile)("nsenter", [...inNode, "ipset", "list", "-n"]);
        expect(sets.stdout).to.equal("");
        expect((await get("networkpolicies", "-n", namespace)).length).to.be.above(0);
    });
});
