import { listenersOf, ROUTE_KINDS } from "../model/gateways.ts";
import { relationFinding, stackRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";
import type { View } from "../model/view.ts";

/** Where certificate authorities ask for proof of a host name, over plain HTTP. */
const CHALLENGE = "/.well-known/acme-challenge";

export const gatewayRedirect = stackRule(
    {
        name: "gateway-redirect",
        title: "A route on a plain listener of a Gateway only redirects to HTTPS",
        severity: "high",
        why: "Logins and tokens go over the wire in plain text for whoever types the name without https.",
        fix: "Set sectionName of the route's parentRefs to the listener with TLS, and give the plain one a route with a RequestRedirect to the scheme https.",
        link: "https://gateway-api.sigs.k8s.io/guides/http-redirect-rewrite/",
        levels: ["mandatory", "mandatory", "mandatory"],
    },
    function* (world) {
        for (const route of ROUTE_KINDS.flatMap((kind) => world.all(kind))) {
            const rules = route.view.at("spec", "rules");
            if (rules.unknown || rules.items().every((rule) => redirects(rule) || isChallenge(rule))) continue;
            for (const parent of route.view.at("spec", "parentRefs").items())
                if (listenersOf(world, route, parent).some((it) => it.at("protocol").string() === "HTTP"))
                    yield relationFinding(route, parent, "the route also answers plain HTTP");
        }
    },
);

function redirects(rule: View): boolean {
    const filters = rule.at("filters");
    if (filters.unknown) return true;
    return filters.items().some((filter) => {
        const scheme = filter.at("requestRedirect", "scheme").string();
        return scheme === "https" || scheme === UNKNOWN;
    });
}

function isChallenge(rule: View): boolean {
    const matches = rule.at("matches").items();
    const paths = matches.map((match) => match.at("path", "value").string());
    return paths.length > 0 && paths.every((path) => typeof path === "string" && path.startsWith(CHALLENGE));
}
