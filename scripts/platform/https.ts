/** The stack `local` with the Ingresses of production, on a domain of its own and with certificates of the local authority. */
import path from "node:path";
import { issuer } from "../../local/https/index.ts";
import { readStackFile } from "../../local/pulumi/stackFile.ts";
import { project, root } from "./target.ts";

/** Reserved for tests by RFC 6761: no name server knows it. */
export const domain = "tradestream.test";

type Section = Readonly<Record<string, unknown>>;

/** What the configuration of the stack `local` has to say instead, by key with project. */
export function httpsConfig(): Readonly<Record<string, Section>> {
    const [local, production] = ["local", "production"].map(
        (stack) => readStackFile(path.join(root, `Pulumi.${stack}.yaml`)).config,
    );
    const merged = (service: string, keys: readonly string[]): Record<string, Section> => {
        const name = `${project}:${service}`;
        const [own, theirs] = [local![name] as Section, production![name] as Section];
        return { [name]: { ...own, ...Object.fromEntries(keys.map((key) => [key, moved(theirs[key])])) } };
    };
    return { ...merged("gatewayApi", ["urls", "cors", "ingress"]), ...merged("agentDashboard", ["ingress"]) };
}

function moved(value: unknown): unknown {
    const text = JSON.stringify(value).replaceAll("tradestream.io", domain).replaceAll("letsencrypt-prod", issuer);
    return JSON.parse(text) as unknown;
}
