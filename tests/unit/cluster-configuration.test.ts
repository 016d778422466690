import { expect } from "chai";
import type { KubernetesObject } from "../../local/cluster/config/addons.ts";
import { addonObjects } from "../../local/cluster/config/addons.ts";
import { apiServerArguments, auditPolicy, etcdArguments } from "../../local/cluster/config/control-plane.ts";
import { cniConfig, containerdConfig, corefile, kubeletConfig } from "../../local/cluster/config/node.ts";
import { leafArguments, leaves } from "../../local/cluster/certificates.ts";
import { neededTools } from "../../local/cluster/components.ts";
import { layoutOf } from "../../local/cluster/layout.ts";
import { nodeScript } from "../../local/cluster/namespace.ts";
import { clash } from "../../local/cluster/preflight.ts";
import { settingsOf } from "../../local/cluster/settings.ts";
import { volumeFor } from "../../local/cluster/storage.ts";
import { toolNames } from "../../local/tools/index.ts";

const settings = settingsOf({ name: "one" }, 3);
const simulated = settingsOf({ name: "two", simulated: true }, 4);
const layout = layoutOf("one");
const paths = { clientAuthority: "/ca", certificate: "/crt", key: "/key", resolvConf: "/resolv", podLogs: "/pods" };

describe("configuration of the node", () => {
    it("never lets the kubelet collect images, since they cannot be pulled again", () => {
        const config = kubeletConfig(settings, paths, { mayRaiseLimits: false, openFiles: 20_000 });
        expect(config).to.include({ imageGCHighThresholdPercent: 100, maxOpenFiles: 20_000, oomScoreAdj: 0 });
        expect(config).to.deep.include({ clusterDNS: ["10.215.3.10"], cgroupRoot: "/tradestream-cluster-one" });
    });

    it("lowers scores of memory pressure only where the machine lets it", () => {
        const config = (mayRaiseLimits: boolean): string =>
            containerdConfig("/data", "/cni", { mayRaiseLimits, openFiles: 1 });
        expect(config(false)).to.contain("restrict_oom_score_adj = true");
        expect(config(true)).to.contain("restrict_oom_score_adj = false");
    });

    it("gives pods addresses of the pod range only", () => {
        expect(JSON.stringify(cniConfig(settings))).to.contain('"subnet":"10.214.3.0/24"');
    });

    it("answers cluster names and denies every other name without asking anybody", () => {
        const text = corefile(settings, "/kubeconfig");
        expect(text).to.contain("kubernetes cluster.local").and.to.contain("rcode NXDOMAIN");
        expect(text).not.to.contain("forward");
    });

    it("keeps the clusters' home in sight when it lies where the node hides a directory", () => {
        const plain = nodeScript(layout, "/home/me/.tradestream");
        const hidden = nodeScript(layout, "/var/lib/tradestream");
        expect(plain).to.contain("umount /run/kept-home").and.not.to.contain("mount --move");
        expect(hidden).to.contain("mount --move /run/kept-home '/var/lib/tradestream'");
    });

    it("quotes directories for the shell", () => {
        expect(nodeScript(layout, "/home/o'brien")).to.contain(`'/home/o'\\''brien'`);
    });
});

describe("configuration of the control plane", () => {
    it("takes ports of its own on a simulated cluster, and the standard ones in a node's own network", () => {
        const client = (of: typeof settings): string | undefined =>
            etcdArguments(of, layout).find((option) => option.startsWith("--listen-client-urls"));
        expect(client(settings)).to.equal("--listen-client-urls=https://127.0.0.1:2379");
        expect(client(simulated)).to.equal("--listen-client-urls=https://127.0.0.1:16484");
    });

    it("listens on the machine itself only, when simulated", () => {
        expect(apiServerArguments(simulated, layout, "/audit")).to.include("--bind-address=127.0.0.1");
    });

    it("records requests without their bodies", () => {
        expect(new Set(auditPolicy.rules.map(({ level }) => level))).to.deep.equal(new Set(["None", "Metadata"]));
    });

    it("points DNS and metrics at the node, with the address that pods get", () => {
        const objects = addonObjects(settings, "PEM");
        const find = (kind: string, name: string): KubernetesObject | undefined =>
            objects.find((object) => object.kind === kind && object.metadata.name === name);
        expect(find("Service", "kube-dns")).to.have.nested.property("spec.clusterIP", "10.215.3.10");
        expect(find("EndpointSlice", "kube-dns")).to.have.nested.property("endpoints[0].addresses[0]", "10.213.3.2");
        expect(find("EndpointSlice", "metrics-server")).to.have.nested.property("ports[0].port", 4443);
        expect(addonObjects(simulated, "PEM").map(({ kind }) => kind)).to.deep.equal(["StorageClass"]);
    });
});

describe("certificates", () => {
    it("signs etcd's and the front proxy's with authorities that the API server trusts for nothing else", () => {
        const authority = (file: string): string | undefined =>
            leaves(settings).find((leaf) => leaf.file === file)?.authority;
        expect(authority("etcd")).to.equal("etcd-ca");
        expect(authority("front-proxy-client")).to.equal("front-proxy-ca");
        expect(authority("admin")).to.equal("ca");
    });

    it("names servers by host names and addresses, and marks no leaf as an authority", () => {
        const leaf = leaves(settings).find(({ file }) => file === "apiserver");
        const options = leaf ? leafArguments(leaf).join(" ") : "";
        expect(options).to.contain("IP:10.213.3.2").and.to.contain("DNS:kubernetes.default.svc");
        expect(options).to.contain("CA:FALSE").and.to.contain("extendedKeyUsage=serverAuth");
    });
});

describe("what is in use on the machine", () => {
    const ports = (...used: number[]) => ({
        routes: [],
        isPortTaken: (port: number): Promise<boolean> => Promise.resolve(used.includes(port)),
    });
    const route = (range: string, device = "docker0"): Promise<string | undefined> =>
        clash(settings, { ...ports(), routes: [{ range, device }] });

    it("is kept: a clash of routes names the range, the device and the option", async () => {
        const sentence = await route("10.214.0.0/16");
        expect(sentence).to.contain("10.214.3.0/24").and.to.contain("docker0").and.to.contain("--pod-cidr");
        expect(await route("10.213.3.2/32")).to.contain("--link-cidr");
    });

    it("does not clash when it is elsewhere, the cluster's own, or much wider", async () => {
        expect(await route("10.214.4.0/24")).to.equal(undefined);
        expect(await route("10.214.3.0/24", "ts-one")).to.equal(undefined);
        expect(await route("10.0.0.0/8", "vpn0")).to.equal(undefined);
    });

    it("is its ports only, for a simulated cluster", async () => {
        const wide = { ...ports(), routes: [{ range: "10.214.0.0/16", device: "docker0" }] };
        expect(await clash(simulated, wide)).to.equal(undefined);
        expect(await clash(simulated, ports(16488)))
            .to.contain("port 16488")
            .and.to.contain("--api-port");
        expect(await clash(simulated, ports(16489))).to.equal(undefined);
    });
});

describe("volumes on demand", () => {
    it("belong to one claim and one node, and go with the claim", () => {
        const claim = {
            metadata: { name: "data", namespace: "shop", uid: "u-1" },
            spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "8Gi" } } },
        };
        const volume = volumeFor(claim, "/volumes/pvc-u-1", "one-node");
        expect(volume.metadata?.name).to.equal("pvc-u-1");
        expect(volume.spec).to.deep.include({
            capacity: { storage: "8Gi" },
            accessModes: ["ReadWriteOnce"],
            persistentVolumeReclaimPolicy: "Delete",
            storageClassName: "standard",
            local: { path: "/volumes/pvc-u-1" },
        });
        expect(volume.spec?.claimRef).to.include({ namespace: "shop", name: "data", uid: "u-1" });
    });
});

describe("tools of a cluster", () => {
    it("are all known, and fewer for a simulated one", () => {
        const [real, fake] = [neededTools(settings), neededTools(simulated)];
        for (const name of [...real, ...fake]) expect(toolNames).to.include(name);
        expect(fake).not.to.include("kubelet");
        expect(real).not.to.include("kwok");
    });
});
