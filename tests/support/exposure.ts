/** Changes that bring a stack from Ingresses to a Gateway of its own. */
import { webServices } from "../../config/services/index.ts";
import type { Change } from "./configuration.ts";

const issuer = (name: string): Change => ({ 'gateway.annotations["cert-manager.io/cluster-issuer"]': name });

/** Routes beside the Ingresses. */
export function bothWays(className: string, issuerName: string): Change {
    return { exposure: "both", "gateway.className": className, ...issuer(issuerName) };
}

/** Routes alone. */
export function routesAlone(className: string, issuerName: string): Change {
    return {
        ...bothWays(className, issuerName),
        exposure: "gateway",
        ...Object.fromEntries(webServices.map((key) => [`${key}.ingress.annotations`, {}])),
    };
}
