/** The drill drain-node, for which there have to be two nodes: a real API server and scheduler with simulated nodes. */
import { expect } from "chai";
import * as cluster from "../../local/cluster/index.ts";
import { silent } from "../support/reports.ts";
import { drained as name } from "./support/cluster-name.ts";
import { eventually, get, type KubeObject } from "./support/commands.ts";
import { drill } from "./support/drills.ts";
import { onCluster } from "./support/objects.ts";
import { isReady, namespace } from "./support/tradestream.ts";

const neighbour = "neighbour";

function workload(kind: string, app: string, place: string, replicas: number, more: object = {}): object {
    const labels = { app };
    const containers = [{ name: app, image: "registry.example.com/none:v1" }];
    const template = { metadata: { labels }, spec: { containers } };
    return {
        ...{ apiVersion: "apps/v1", kind, metadata: { name: app, namespace: place } },
        spec: { replicas, selector: { matchLabels: labels }, template, ...more },
    };
}

function budget(app: string, maxUnavailable: number): object {
    return {
        ...{ apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: app, namespace } },
        spec: { maxUnavailable, selector: { matchLabels: { app } } },
    };
}

const nodeOf = ({ spec }: KubeObject): unknown => spec["nodeName"];

/** The nodes of the pods of a namespace, when all of them are ready. */
async function nodesOf(place: string, pods: number): Promise<readonly unknown[]> {
    return eventually(60, async () => {
        const found = await get("pods", "-n", place);
        return found.length === pods && found.every(isReady) ? [...new Set(found.map(nodeOf))] : undefined;
    });
}

const cordoned = async (): Promise<readonly string[]> =>
    (await get("nodes")).flatMap(({ metadata, spec }) => (spec["unschedulable"] === true ? [metadata.name] : []));

describe("the drill drain-node", function () {
    this.timeout(300_000);
    let kubeconfig: string | undefined;
    let first: unknown;

    before(async () => {
        await cluster.up({ name, simulated: true }, silent);
        kubeconfig = process.env["KUBECONFIG"];
        process.env["KUBECONFIG"] = cluster.kubeconfigPath(name);
        await onCluster("create", [
            ...[namespace, neighbour].map((place) => ({
                apiVersion: "v1",
                kind: "Namespace",
                metadata: { name: place },
            })),
            workload("Deployment", "web", namespace, 2),
            budget("web", 1),
            workload("StatefulSet", "database", namespace, 1, { serviceName: "database" }),
            workload("Deployment", neighbour, neighbour, 1),
        ]);
        [first] = await nodesOf(namespace, 3);
        await nodesOf(neighbour, 1);
        const { capacity } = (await get("nodes"))[0]!.status;
        const status = { capacity, allocatable: capacity };
        await onCluster("create", [{ apiVersion: "v1", kind: "Node", metadata: { name: "second" }, status }]);
        await eventually(60, async () => ((await get("nodes")).every(isReady) ? true : undefined));
    });

    after(async () => {
        // Assigned, undefined would be a text.
        if (kubeconfig !== undefined) process.env["KUBECONFIG"] = kubeconfig;
        await cluster.down({ name, purge: true }, silent);
    });

    it("moves the stack's pods to the other node, leaves its neighbours, and lets the node take pods again", async () => {
        const { code, said, record } = await drill("drain-node");
        expect(code, said).to.equal(0);
        expect(record).to.include({ drill: "drain-node", met: true });
        expect(await nodesOf(namespace, 3)).to.deep.equal(["second"]);
        expect(await nodesOf(neighbour, 1)).to.deep.equal([first]);
        expect(await cordoned()).to.deep.equal([]);
    });

    it("lets the node take pods again when it is interrupted while a budget allows no eviction", async () => {
        await onCluster("create", [budget("database", 0)]);
        let pid = 0;
        const running = drill("drain-node", [], (id) => (pid = id));
        try {
            // The control: until then it is cordoned.
            await eventually(120, async () => ((await cordoned()).includes("second") ? true : undefined));
            await eventually(60, async () => {
                const pods = await get("pods", "-n", namespace, "-l", "app=web");
                return pods.every((pod) => nodeOf(pod) === first) || undefined;
            });
        } finally {
            if (pid !== 0) process.kill(pid, "SIGINT");
        }
        const { code, said, record } = await running;
        expect([code, record], said).to.deep.equal([1, undefined]);
        expect(said).to.contain("interrupted");
        expect(await cordoned()).to.deep.equal([]);
        expect((await get("pod", "database-0", "-n", namespace)).map(nodeOf)).to.deep.equal(["second"]);
    });
});
