/** What a pod could do if somebody took it over, tried from inside one: nothing beyond its own process. */
import { expect } from "chai";
import { readFileSync } from "node:fs";
import path from "node:path";
import { createReport } from "../../local/report.ts";
import { ensureTools } from "../../local/tools/index.ts";
import { record } from "../evidence.ts";
import { command, eventually, get, kubectl, type Result } from "./support/commands.ts";
import { namespace, start } from "./support/tradestream.ts";

const suite = "Confinement";
const outside = "confinement-control";
/** The one image with a shell, perl and openssl. */
const image = "debian.tradestream.local/postgresql:15";
const script = readFileSync(path.join(import.meta.dirname, "support/attempts.sh"), "utf8");
/** Counted, so that a script that ends early is noticed. */
const attempts = 11;

interface Volume {
    readonly name: string;
    readonly emptyDir?: object;
}

interface PodSpec {
    readonly securityContext: object;
    readonly serviceAccountName?: string;
    readonly automountServiceAccountToken?: boolean;
    readonly enableServiceLinks?: boolean;
    readonly volumes?: readonly Volume[];
    readonly containers: readonly {
        readonly securityContext: object;
        readonly volumeMounts?: readonly { readonly name: string }[];
    }[];
}

/** A pod confined like another, which runs the attempts instead. */
function intruder(name: string, into: string, like: PodSpec): object {
    const volumes = (like.volumes ?? []).filter(({ emptyDir }) => emptyDir !== undefined);
    const names = new Set(volumes.map((volume) => volume.name));
    const [container] = like.containers;
    const { serviceAccountName, automountServiceAccountToken, securityContext } = like;
    return {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace: into },
        spec: {
            securityContext,
            ...(serviceAccountName !== undefined && { serviceAccountName }),
            ...(automountServiceAccountToken !== undefined && { automountServiceAccountToken }),
            restartPolicy: "Never",
            volumes,
            containers: [
                {
                    name: "attempts",
                    image,
                    command: ["sh", "-c", script, "attempts", into],
                    securityContext: container!.securityContext,
                    volumeMounts: (container!.volumeMounts ?? []).filter((mount) => names.has(mount.name)),
                },
            ],
        },
    };
}

const privileged: PodSpec = {
    securityContext: { runAsUser: 0 },
    containers: [{ securityContext: { privileged: true } }],
};

async function create(object: object): Promise<Result> {
    const tools = await ensureTools(["kubectl"], createReport());
    return command(tools.kubectl, ["create", "-f", "-"], { input: JSON.stringify(object) });
}

/** Runs a pod to its end; resolves with the outcome of each attempt. */
async function outcomes(name: string, into: string): Promise<Readonly<Record<string, string>>> {
    await eventually(120, async () => {
        const [pod] = await get("pod", name, "-n", into);
        return ["Succeeded", "Failed"].includes(String(pod!.status["phase"])) || undefined;
    });
    const log = await kubectl("logs", name, "-n", into);
    return Object.fromEntries(
        log
            .trim()
            .split("\n")
            .map((line) => line.split(": ") as [string, string]),
    );
}

const removeOutside = (): Promise<string> =>
    kubectl("delete", "namespace", outside, "--ignore-not-found", "--wait=true");

describe("confinement", function () {
    this.timeout(400_000);
    const workloads = [
        "gateway-api",
        "agent-dashboard",
        "notification-worker",
        "database-migration",
        "postgresql",
        "redis",
    ];

    before(async () => {
        await start();
        await removeOutside();
        await kubectl("create", "namespace", outside);
        const reader = ["view-secrets", "-n", outside];
        await kubectl("create", "role", ...reader, "--verb=list", "--resource=secrets");
        await kubectl("create", "rolebinding", ...reader, "--role=view-secrets", `--serviceaccount=${outside}:default`);
    });

    after(removeOutside);

    async function specOf(workload: string): Promise<PodSpec> {
        const isData = workload === "postgresql" || workload === "redis";
        const label = isData ? `app.kubernetes.io/name=${workload}` : `app.kubernetes.io/component=${workload}`;
        const [owner] = await get("deployments,statefulsets,cronjobs,jobs", "-n", namespace, "-l", label);
        const spec = owner!.spec as { jobTemplate?: { spec: { template: object } }; template: object };
        const template = (spec.jobTemplate?.spec.template ?? spec.template) as { spec: PodSpec };
        return template.spec;
    }

    for (const workload of workloads) {
        it(`of ${workload} refuses every attempt from inside`, async () => {
            const name = `intruder-${workload}`;
            const result = await create(intruder(name, namespace, await specOf(workload)));
            expect(result.code, result.stderr).to.equal(0);
            const found = await outcomes(name, namespace);
            expect(Object.values(found)).to.have.length(attempts);
            expect(Object.entries(found).filter(([, outcome]) => outcome !== "refused")).to.deep.equal([]);
            record({ suite, name: `attempts refused inside ${workload}`, value: attempts, requirement: `${attempts}` });
        });
    }

    it("keeps privileged pods out of the namespace", async () => {
        const result = await create(intruder("intruder-privileged", namespace, privileged));
        expect(result.code).not.to.equal(0);
        expect(result.stderr).to.contain('violates PodSecurity "restricted');
    });

    it("control: a privileged pod elsewhere succeeds with all of them", async () => {
        const result = await create(intruder("control", outside, privileged));
        expect(result.code, result.stderr).to.equal(0);
        const found = await outcomes("control", outside);
        expect(Object.entries(found).filter(([, outcome]) => outcome !== "done")).to.deep.equal([]);
        expect(Object.values(found)).to.have.length(attempts);
        record({ suite, name: "control, a privileged pod outside: attempts that succeed", value: attempts });
    });
});
