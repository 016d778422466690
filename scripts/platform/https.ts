/** The stack `local` with the Ingresses of production, on a domain of its own and with certificates of the local authority. */
import path from "node:path";
import { gatewayClass, issuer } from "../../local/https/index.ts";
import { readStackFile } from "../../local/pulumi/stackFile.ts";
import { project, root } from "./target.ts";

/** Reserved for tests by RFC 6761: no name server knows it. */
export const domain = "tradestream.test";

type Section = Readonly<Record<string, unknown>>;

/**
 * What the configuration of the stack `local` has to say instead, by key with project.
 * @param exposure Default: what the stack's file says.
 */
export function httpsConfig(exposure?: "ingress" | "gateway" | "both"): Readonly<Record<string, unknown>> {
    const [local, production] = ["local", "production"].map(
        (stack) => readStackFile(path.join(root, `Pulumi.${stack}.yaml`), project).config,
    );
    const form = exposure ?? local![`${project}:exposure`] ?? "ingress";
    const merged = (service: string, keys: readonly string[]): Record<string, Section> => {
        const name = `${project}:${service}`;
        const [own, theirs] = [local![name] as Section, production![name] as Section];
        const taken = Object.fromEntries(keys.map((key) => [key, moved(theirs[key])]));
        const ingress = { ...(taken["ingress"] as Section), ...(form === "gateway" && { annotations: {} }) };
        return { [name]: { ...own, ...taken, ingress } };
    };
    const gateway = { className: gatewayClass, annotations: { "cert-manager.io/cluster-issuer": issuer } };
    return {
        ...merged("gatewayApi", ["urls", "cors", "ingress"]),
        ...merged("agentDashboard", ["ingress"]),
        ...(form !== "ingress" && { [`${project}:exposure`]: form, [`${project}:gateway`]: gateway }),
    };
}

function moved(value: unknown): unknown {
    const text = JSON.stringify(value).replaceAll("tradestream.io", domain).replaceAll("letsencrypt-prod", issuer);
    return JSON.parse(text) as unknown;
}
