import { finding, objectRule } from "../model/rule.ts";

/** Of ingress-nginx, NGINX Inc.'s controller, and both HAProxy controllers. ALB, GCE and Traefik have none. */
const SNIPPETS =
    /(^|\.)nginx\.[\w.]+\/[\w-]*snippets?$|^haproxy\.org\/[\w-]*config-snippet$|^(haproxy-ingress\.github\.io|ingress\.kubernetes\.io)\/config-[\w-]+$/;

export const ingressSnippets = objectRule(
    {
        name: "ingress-snippets",
        title: "No Ingress carries configuration for the controller itself",
        severity: "high",
        why: "A snippet runs in the controller, which holds the certificates and tokens of everybody (CVE-2021-25742).",
        fix: "Use the controller's own annotations for what the snippet does.",
        link: "https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations-risk/",
        levels: ["advisory", "mandatory", "mandatory"],
        kinds: ["Ingress"],
    },
    function* ({ view }) {
        for (const [name, place] of view.at("metadata", "annotations").entries())
            if (SNIPPETS.test(name)) yield finding(place, "the Ingress carries a snippet");
    },
);
