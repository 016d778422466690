/** A cluster of its own beside the shared one: it runs, heals, keeps its data, and leaves nothing behind. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import * as cluster from "../../local/cluster/index.ts";
import { podProcesses } from "../../local/cluster/cgroups.ts";
import { cgroupName, linkName } from "../../local/cluster/settings.ts";
import { clusterHome } from "../../local/home.ts";
import { buildImages } from "../../local/images/index.ts";
import { ensureTools } from "../../local/tools/index.ts";
import { lifecycle as name } from "../cluster/support/cluster-name.ts";
import { recorder } from "../support/reports.ts";
import { command, eventually, kubectl as sharedKubectl, root } from "../cluster/support/commands.ts";

const image = "debian.tradestream.local/postgresql:15";
const { report, steps } = recorder();
const kubectl = (...args: string[]): Promise<string> =>
    sharedKubectl("--kubeconfig", cluster.kubeconfigPath(name), ...args);

/** Ids of all processes of this cluster: its files are on their command line. */
function processes(): string[] {
    return readdirSync("/proc").filter((entry) => {
        if (!/^\d+$/.test(entry) || Number(entry) === process.pid) return false;
        try {
            const words = readFileSync(`/proc/${entry}/cmdline`, "utf8").split("\0");
            return words.some((word) => word.includes(clusterHome(name)) || word.includes(cgroupName(name)));
        } catch {
            return false;
        }
    });
}

/** Everything of this cluster that the kernel holds at the moment, and which of these network namespaces live. */
function traces(namespaces: readonly string[]): Record<string, string[]> {
    const hierarchies = ["/sys/fs/cgroup", ...readdirSync("/sys/fs/cgroup").map((entry) => `/sys/fs/cgroup/${entry}`)];
    const living = new Set(
        readdirSync("/proc")
            .filter((entry) => /^\d+$/.test(entry))
            .map(networkOf),
    );
    return {
        processes: processes(),
        mounts: readFileSync("/proc/self/mountinfo", "utf8")
            .split("\n")
            .filter((line) => line.includes(clusterHome(name))),
        links: readdirSync("/sys/class/net").filter((device) => device === linkName(name)),
        cgroups: hierarchies.map((place) => path.join(place, cgroupName(name))).filter((place) => existsSync(place)),
        namespaces: namespaces.filter((namespace) => living.has(namespace)),
    };
}

function networkOf(pid: number | string): string {
    try {
        return readlinkSync(`/proc/${pid}/ns/net`);
    } catch {
        return "";
    }
}

/** Settings of the whole machine that a kubelet, left alone, would change. */
function machineSettings(): string[] {
    const files = [
        "vm/overcommit_memory",
        "vm/panic_on_oom",
        "kernel/panic",
        "kernel/panic_on_oops",
        "net/ipv4/ip_forward",
    ];
    return files.map((file) => `${file} ${readFileSync(`/proc/sys/${file}`, "utf8").trim()}`);
}

function pidOf(component: string): number | undefined {
    return cluster.status(name).components.find((entry) => entry.name === component)?.pid;
}

const pod = `
apiVersion: v1
kind: Namespace
metadata: {name: trial, labels: {pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: trial}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: writer, namespace: trial}
spec:
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 1
  securityContext: {runAsNonRoot: true, runAsUser: 10001, runAsGroup: 10001, fsGroup: 10001, seccompProfile: {type: RuntimeDefault}}
  containers:
    - name: shell
      image: ${image}
      command: [/bin/sh, -c, "trap exit TERM; date >> /data/starts; while :; do sleep 1 & wait; done"]
      securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
      resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {cpu: 200m, memory: 64Mi}}
      volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
`;

const inPod = (...args: string[]): Promise<string> => kubectl("exec", "-n", "trial", "writer", "--", ...args);

describe("a local cluster", function () {
    this.timeout(150_000);
    const settingsBefore = machineSettings();

    before(async () => {
        await cluster.down({ name, purge: true }, report);
        const archives = await buildImages(report);
        await cluster.up({ name }, report);
        const wanted = archives.filter(({ reference }) => reference === image).map(({ archive }) => archive);
        await cluster.loadImages(name, wanted, report);
    });
    after(() => cluster.down({ name, purge: true }, report));

    it("is ready, and a second `up` finds it running and starts nothing", async () => {
        const first = cluster.status(name);
        expect(first.phase).to.equal("ready");
        steps.length = 0;
        const second = await cluster.up({ name }, report);
        expect(second.supervisor).to.equal(first.supervisor);
        expect(steps).to.deep.equal([]);
    });

    it("shares no address with other clusters of the machine", () => {
        const ranges = cluster.clusterNames().flatMap((other) => {
            const { settings } = cluster.status(other);
            return settings && !settings.simulated ? [settings.podCidr, settings.serviceCidr, settings.linkCidr] : [];
        });
        expect(new Set(ranges).size).to.equal(ranges.length);
    });

    it("refuses options other than those it was made with", async () => {
        const refused = await cluster.up({ name, podCidr: "10.99.0.0/24" }, report).catch((error: unknown) => error);
        expect(refused).to.be.an("error").with.property("message").that.contains("was made with podCidr");
    });

    it("leaves the machine's kernel settings alone", () => {
        expect(machineSettings()).to.deep.equal(settingsBefore);
    });

    it("binds a claim to a volume that a restricted pod may write to", async () => {
        const { kubectl: program } = await ensureTools(["kubectl"], report);
        const apply = ["--kubeconfig", cluster.kubeconfigPath(name), "apply", "-f", "-"];
        const { code, stderr } = await command(program, apply, { input: pod });
        expect(code, stderr).to.equal(0);
        await kubectl("wait", "-n", "trial", "--for=condition=Ready", "pod/writer", "--timeout=60s");
        const starts = await eventually(20, async () => (await inPod("cat", "/data/starts")) || undefined);
        expect(starts.trim().split("\n")).to.have.length(1);
    });

    it("resolves cluster names inside pods, and no others", async () => {
        const answer = await inPod("getent", "hosts", "kubernetes.default");
        expect(answer).to.contain("kubernetes.default.svc.cluster.local");
        const outside = await inPod("getent", "hosts", "example.com").catch(() => "no such name");
        expect(outside).to.equal("no such name");
    });

    it("measures what pods use", async () => {
        const top = await eventually(60, async () => {
            const text = await kubectl("top", "pods", "-n", "trial", "--no-headers");
            return text.startsWith("writer") ? text : undefined;
        });
        expect(top).to.match(/^writer\s+\d+m\s+\d+Mi/);
    });

    for (const component of ["etcd", "kube-apiserver", "kubelet", "containerd"]) {
        it(`starts ${component} again when it is killed, and pods live on`, async () => {
            const pid = pidOf(component) ?? 0;
            process.kill(pid, "SIGKILL");
            await eventually(30, () =>
                Promise.resolve(pidOf(component) !== pid && pidOf(component) ? true : undefined),
            );
            const starts = await eventually(30, () => inPod("cat", "/data/starts"));
            expect(starts.trim().split("\n")).to.have.length(1);
        });
    }

    it("sees the end of a component that was stopped and continued before", async () => {
        const pid = pidOf("kube-scheduler") ?? 0;
        process.kill(pid, "SIGSTOP");
        await new Promise((resolve) => setTimeout(resolve, 1000));
        process.kill(pid, "SIGCONT");
        process.kill(pid, "SIGKILL");
        await eventually(20, () =>
            Promise.resolve(pidOf("kube-scheduler") !== pid && pidOf("kube-scheduler") ? true : undefined),
        );
    });

    it("ends with its supervisor, says that it crashed, and comes back with its data", async () => {
        process.kill(cluster.status(name).supervisor ?? 0, "SIGKILL");
        await eventually(20, () => Promise.resolve(processes().length === 0 ? true : undefined));
        expect(cluster.status(name).phase).to.equal("crashed");
        await cluster.up({ name }, report);
        const starts = await eventually(60, async () => {
            const lines = (await inPod("cat", "/data/starts")).trim().split("\n");
            return lines.length === 2 ? lines : undefined;
        });
        expect(starts).to.have.length(2);
    });

    it("removes a volume's directory with its claim", async () => {
        const volumes = path.join(clusterHome(name), "volumes");
        expect(readdirSync(volumes)).to.have.length(1);
        await kubectl("delete", "namespace", "trial", "--timeout=60s");
        await eventually(20, () => Promise.resolve(readdirSync(volumes).length === 0 ? true : undefined));
    });

    it("tells its state in one exit code", async () => {
        const cli = path.join(root, "local/cluster/cli.ts");
        const run = (...args: string[]) => command(process.execPath, [cli, ...args]);
        expect((await run("status", "--name", name)).code).to.equal(0);
        expect((await run("status", "--name", "no-such-cluster")).code).to.equal(1);
        expect((await run("status", "--nme", name)).code).to.equal(2);
        expect((await run("up", "--name", "Not A Name")).code).to.equal(2);
    });

    it("leaves nothing behind: no process, mount, link, cgroup or namespace, and with --purge no file", async () => {
        const namespaces = [...new Set([cluster.status(name).node ?? 0, ...podProcesses(name)].map(networkOf))];
        const running = traces(namespaces);
        for (const kind of ["processes", "links", "cgroups", "namespaces"]) expect(running[kind], kind).not.to.be.empty;
        await cluster.down({ name }, report);
        expect(cluster.status(name).phase).to.equal("stopped");
        await eventually(5, () => Promise.resolve(processes().length === 0 ? true : undefined));
        expect(traces(namespaces)).to.deep.equal({ processes: [], mounts: [], links: [], cgroups: [], namespaces: [] });
        await cluster.down({ name, purge: true }, report);
        expect(existsSync(clusterHome(name))).to.equal(false);
        expect(cluster.status(name).phase).to.equal("absent");
    });
});
