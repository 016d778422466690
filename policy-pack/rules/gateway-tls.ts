import { hasCertificateMap } from "../model/gateways.ts";
import { finding, objectRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

export const gatewayTls = objectRule(
    {
        name: "gateway-tls",
        title: "A Gateway has TLS, with a certificate for each listener that terminates TLS",
        severity: "high",
        why: "Without such a listener everything goes over the wire in plain text; one without a certificate accepts no connection.",
        fix: "Add a listener of protocol HTTPS with tls.certificateRefs.",
        link: "https://gateway-api.sigs.k8s.io/guides/tls/",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: ["Gateway"],
    },
    function* ({ view }) {
        const listeners = view.at("spec", "listeners");
        if (listeners.unknown) return;
        const items = listeners.items();
        const protocols = items.map((listener) => listener.at("protocol").string());
        if (protocols.includes("HTTP") && !protocols.some((it) => it === UNKNOWN || it === "HTTPS" || it === "TLS"))
            yield finding(listeners, "the Gateway has no listener with TLS");
        const hasMap = hasCertificateMap(view);
        for (const [index, listener] of items.entries()) {
            const protocol = protocols[index];
            const tls = listener.at("tls");
            const mode = tls.at("mode").string() ?? "Terminate";
            if ((protocol !== "HTTPS" && protocol !== "TLS") || mode !== "Terminate" || tls.unknown || hasMap) continue;
            // Options are the implementation's own, such as certificates of a cloud.
            const refs = tls.at("certificateRefs");
            if (!refs.unknown && refs.items().length === 0 && tls.at("options").missing)
                yield finding(refs, "this listener names no certificate");
        }
    },
);
