/** HTTPS on the local cluster: a real ingress controller and cert-manager in pods, and an authority to trust. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { loadImages } from "../cluster/index.ts";
import { layoutOf } from "../cluster/layout.ts";
import { httpsRecipes } from "../images/catalogue.ts";
import { buildImages } from "../images/index.ts";
import type { Report } from "../report.ts";
import { ensureTools, moduleSource } from "../tools/index.ts";
import { authority, certManager, controller, issuer, programs } from "./objects.ts";

export { gatewayClass, issuer } from "./objects.ts";

/** The programs that HTTPS needs beside those of the cluster. */
export const httpsTools = ["traefik", "cert-manager"] as const;

/** Longest wait for a pod or a certificate. */
const patience = "180s";

/** The authority's certificate (PEM), as a file for `curl --cacert`; it exists once HTTPS is installed. */
export function authorityFile(cluster: string): string {
    return path.join(layoutOf(cluster).root, "https-ca.crt");
}

/** Whether HTTPS is installed. It stays until the cluster's data is deleted. */
export function hasHttps(cluster: string): boolean {
    return existsSync(authorityFile(cluster));
}

export interface HttpsOptions {
    /** Whether cert-manager is all that is wanted: no ingress controller, and no authority. Default: false. */
    readonly certManagerOnly?: boolean;
}

/** Installs it on a cluster that runs; what is there already stays. Throws with the last words of kubectl. */
export async function installHttps(
    cluster: string,
    report: Report,
    { certManagerOnly = false }: HttpsOptions = {},
): Promise<void> {
    const isWanted = (name: string): boolean => !certManagerOnly || name.endsWith(certManager.name);
    const images = await buildImages(report, { recipes: httpsRecipes.filter(({ name }) => isWanted(name)) });
    await loadImages(
        cluster,
        images.map(({ archive }) => archive),
        report,
    );
    const title = `Starting ${certManagerOnly ? "" : "the ingress controller and "}cert-manager`;
    await report.step(title, async (note) => {
        const { kubectl } = await ensureTools(["kubectl"], report);
        const env = { KUBECONFIG: layoutOf(cluster).kubeconfig };
        const run = async (args: readonly string[], input = ""): Promise<string> =>
            (await execa(kubectl, args, { env, input })).stdout;
        const apply = ["apply", "--server-side", "--force-conflicts"];
        const list = (items: readonly object[]): string => JSON.stringify({ apiVersion: "v1", kind: "List", items });

        note("resource definitions");
        const files = await resourceDefinitions();
        await run([...apply, ...files.flatMap((file) => ["-f", file])]);
        await run([
            "wait",
            "--for=condition=Established",
            `--timeout=${patience}`,
            ...files.flatMap((file) => ["-f", file]),
        ]);
        await run([...apply, "-f", "-"], list(programs.filter(({ metadata }) => isWanted(metadata.name))));
        for (const { namespace, name } of [controller, certManager]) {
            if (!isWanted(name)) continue;
            note(`waiting for ${name}`);
            await run(["rollout", "status", `--timeout=${patience}`, "-n", namespace, `deployment/${name}`]);
        }
        if (certManagerOnly) return;
        note("waiting for the authority's certificate");
        await run([...apply, "-f", "-"], list(authority));
        const isReady = ["wait", "--for=condition=Ready", `--timeout=${patience}`];
        const inNamespace = ["-n", certManager.namespace];
        await run([...isReady, ...inNamespace, `certificate/${issuer}`]);
        await run([...isReady, `clusterissuer/${issuer}`]);
        const encoded = await run(["get", ...inNamespace, `secret/${issuer}`, "-o", "jsonpath={.data.tls\\.crt}"]);
        writeFileSync(authorityFile(cluster), Buffer.from(encoded, "base64"));
    });
}

async function resourceDefinitions(): Promise<readonly string[]> {
    const ofGateways = path.join(await moduleSource("traefik", "sigs.k8s.io/gateway-api"), "config/crd/standard");
    return [...(await certManagerDefinitions()), ...definitionsIn(ofGateways)];
}

/** Files with the resource definitions of cert-manager. */
export async function certManagerDefinitions(): Promise<readonly string[]> {
    return definitionsIn(path.join(await moduleSource("cert-manager"), "deploy/crds"));
}

function definitionsIn(directory: string): readonly string[] {
    return readdirSync(directory)
        .map((name) => path.join(directory, name))
        .filter((file) => /^kind: CustomResourceDefinition$/m.test(readFileSync(file, "utf8")));
}
