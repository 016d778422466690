import * as kubernetes from "@pulumi/kubernetes";
import { apiVersion } from "./shared/routes.ts";

/**
 * Reads what the routes rely on, in previews too: a preview takes an object of a kind that the cluster does not know for one
 * to create. Where the GatewayClass, the Gateway or the whole Gateway API is missing, the run ends before anything changes.
 */
export async function expectGateway(
    { kind, id }: { readonly kind: "Gateway" | "GatewayClass"; readonly id: string },
    provider: kubernetes.Provider,
): Promise<void> {
    const found = kubernetes.apiextensions.CustomResource.get(`expected-${kind}`, { apiVersion, kind, id, provider });
    // A run with a failed read ends here: nothing that follows is registered.
    await new Promise((resolve) => found.urn.apply(resolve));
}
