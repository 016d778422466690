import { hasOwnCertificate } from "../model/controllers.ts";
import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";
import type { View } from "../model/view.ts";

export const ingressTls = objectRule(
    {
        name: "ingress-tls",
        title: "Each host of an Ingress has TLS",
        severity: "high",
        why: "A host that no tls entry names is served in plain text, or with a certificate of another name.",
        fix: "Name each host in an entry of spec.tls that has a secretName, or the certificate in the annotation of the controller (ALB, Application Gateway, GCE, Traefik).",
        link: "https://kubernetes.io/docs/concepts/services-networking/ingress/#tls",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: ["Ingress"],
    },
    function* ({ view }) {
        const tls = view.at("spec", "tls");
        if (tls.unknown) return;
        if (hasOwnCertificate(view)) return;
        if (tls.items().length === 0) {
            yield finding(tls, "the Ingress has no TLS");
            return;
        }
        const covered: string[] = [];
        let unknown = false;
        for (const entry of tls.items()) {
            const secret = entry.at("secretName").string();
            const hosts = entry.at("hosts");
            if (secret === undefined || secret === "")
                yield finding(entry.at("secretName"), "this entry names no Secret for its certificate");
            if (!hosts.unknown && hosts.items().length === 0) yield finding(hosts, "this entry names no host");
            for (const host of hosts.items().map((item) => item.string()))
                if (typeof host === "string") covered.push(host);
                else if (host === UNKNOWN) unknown = true;
            unknown ||= hosts.unknown;
        }
        if (!unknown) yield* uncovered(view, covered);
    },
);

function* uncovered(view: View, covered: readonly string[]): Iterable<ReturnType<typeof finding>> {
    for (const rule of view.at("spec", "rules").items()) {
        const host = rule.at("host").string();
        if (host === UNKNOWN || host === undefined || host === "") continue;
        // A wildcard stands for exactly one label.
        const parent = host.replace(/^[^.]+/, "*");
        if (!covered.includes(host) && !covered.includes(parent))
            yield finding(rule.at("host"), "no tls entry names this host");
    }
}
