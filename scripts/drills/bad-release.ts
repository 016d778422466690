import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parse, stringify } from "yaml";
import { writtenKey } from "../../local/pulumi/stackFile.ts";
import { committed } from "../deploy/checkout.ts";
import { deploy, exitCodes, type Outcome, rollBack, type Site } from "../deploy/index.ts";
import { nameOf, readReleases, type Release } from "../deploy/releases.ts";
import { type Drill, NeverRecovers } from "./drill.ts";

/** Of no image. */
const digest = `sha256:${"0".repeat(64)}`;

export const badRelease: Drill = {
    about: "deploy a release whose image does not exist, which has to give way to the last good one",
    // Of which ten minutes are the default of gatewayApi.progressDeadlineSeconds.
    targetSeconds: 1800,
    async prepare(place, { workloads }, report) {
        const service = `${place.releaseName}-gateway-api`;
        if (!workloads.some(({ name, wanted }) => name === service && wanted > 0))
            throw new Error(`the stack has no Deployment ${service} that runs`);
        const { good, unfinished } = await readReleases(place);
        const [release] = good;
        if (release === undefined) throw new Error("no good release is remembered: run `npm run deploy` first");
        if (unfinished !== undefined) throw new Error(`the deployment of ${unfinished} is not finished`);
        const site = await place.site();
        const { command } = site;
        const stackFile = `Pulumi.${command.stack.split("/").at(-1)}.yaml`;
        const commit = await committed(command.cwd, stackFile);
        if (commit !== release.commit)
            throw new Error(
                `another commit is checked out than that of the last good release: git checkout ${release.commit}`,
            );
        let outcome: Outcome | undefined;
        return {
            does: `The last good release, ${nameOf(release)}, is deployed with an image of gateway-api that does not exist, as \`npm run deploy\` does it; what was changed since then without that command is taken back. It has to fail and to give way to the same release.`,
            notice: "Nothing: the old pods serve until a new one is ready.",
            cause: async () => {
                const directory = mkdtempSync(path.join(os.tmpdir(), "tradestream-drill-"));
                try {
                    const bad = withoutImage(site, release, path.join(directory, stackFile));
                    outcome = await deploy(bad, { rollback: true, policies: [] }, report);
                } finally {
                    rmSync(directory, { recursive: true });
                }
            },
            recovered: () => {
                if (outcome?.code !== exitCodes.wentBack) throw new NeverRecovers(outcome?.said);
                return Promise.resolve(true);
            },
            end: async () => {
                const isLeft = outcome?.code === exitCodes.good || (await readReleases(place)).unfinished !== undefined;
                if (!isLeft) return;
                const { code, said } = await rollBack(site, report);
                if (code !== exitCodes.good) throw new Error(said);
            },
        };
    },
};

/** The site with a copy of the release's stack file in which the image is wrong. */
function withoutImage(site: Site, { stackFile }: Release, file: string): Site {
    const content = parse(stackFile) as { readonly config: Readonly<Record<string, { readonly image?: object }>> };
    const key = writtenKey(content.config, site.command.project, "gatewayApi");
    const service = content.config[key];
    const config = { ...content.config, [key]: { ...service, image: { ...service?.image, digest } } };
    writeFileSync(file, stringify({ ...content, config }), { mode: 0o600 });
    return { ...site, command: { ...site.command, flags: ["--config-file", file] }, stackFile: file };
}
