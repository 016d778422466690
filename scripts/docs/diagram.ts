/** Writes the diagram in README.md: the components of the stack production, and who may talk to whom. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { readObjects } from "../compare/objects.ts";

type Labels = Readonly<Record<string, string>>;
interface Selector {
    readonly matchLabels?: Labels;
}
interface Peer {
    readonly podSelector?: Selector;
    readonly namespaceSelector?: Selector;
    readonly ipBlock?: { readonly cidr: string };
}
interface Rule {
    readonly from?: readonly Peer[];
    readonly to?: readonly Peer[];
    readonly ports: readonly { readonly port: number | string }[];
}
interface Template {
    readonly metadata: { readonly labels: Labels };
}
interface Backend {
    readonly backend: { readonly service: { readonly name: string } };
}
/** What this reads of an object, whatever its kind. */
interface Rendered {
    readonly kind: string;
    readonly metadata: { readonly name: string };
    readonly spec: {
        readonly template?: Template;
        readonly jobTemplate?: { readonly spec: { readonly template: Template } };
        readonly podSelector: Selector;
        readonly ingress?: readonly Rule[];
        readonly egress?: readonly Rule[];
        readonly selector: Labels;
        readonly rules: readonly { readonly host: string; readonly http: { readonly paths: readonly Backend[] } }[];
    };
}
/** Pods of one workload. */
interface Pods {
    readonly name: string;
    readonly kind: string;
    readonly labels: Labels;
}

const root = path.resolve(import.meta.dirname, "../..");
const dns = 53;

/**
 * A Mermaid flowchart of a rendering. Solid arrows are the connections that the network policies of both ends allow, with
 * their port; dotted ones the hosts of Ingresses. DNS, which nearly all pods ask, is left out.
 */
export function diagram(rendering: string): string {
    const objects = readObjects("rendering", rendering) as unknown as readonly Rendered[];
    const ofKind = (kind: string) => objects.filter((object) => object.kind === kind);
    const pods = objects.flatMap(podsOf);
    const isOwn = (name: string) => pods.some((each) => each.name === name);
    const connections = (side: "ingress" | "egress") =>
        ofKind("NetworkPolicy").flatMap(({ spec }) => {
            const own = selected(pods, spec.podSelector.matchLabels);
            return (spec[side] ?? []).flatMap((rule) => {
                const peers = (rule.from ?? rule.to ?? []).flatMap((peer) => endsOf(peer, pods));
                const ports = rule.ports.filter(({ port }) => port !== dns);
                const ends = own.flatMap((name) =>
                    peers.map((peer) => (side === "ingress" ? [peer, name] : [name, peer])),
                );
                return ends.flatMap(([from, to]) => ports.map(({ port }) => ({ from: from!, to: to!, port })));
            });
        });
    const sent = connections("egress");
    const taken = connections("ingress");
    // No policy of the stack speaks for what is not in it.
    const allowed = [
        ...taken.filter(
            ({ from, to, port }) =>
                !isOwn(from) || sent.some((each) => each.from === from && each.to === to && each.port === port),
        ),
        ...sent.filter(({ to }) => !isOwn(to)),
    ];
    const arrows = allowed.map(({ from, to, port }) => `${idOf(from)} -- ${port} --> ${idOf(to)}`);
    const hosts = ofKind("Ingress").flatMap(({ spec }) =>
        spec.rules.flatMap(({ host, http }) =>
            http.paths.flatMap(({ backend }) => {
                const service = ofKind("Service").find(({ metadata }) => metadata.name === backend.service.name);
                return selected(pods, service?.spec.selector).map((name) => `users -.->|${host}| ${idOf(name)}`);
            }),
        ),
    );
    const outside = [...new Set(allowed.flatMap(({ from, to }) => [from, to]))].filter((name) => !isOwn(name));
    return [
        "flowchart LR",
        "    users((users))",
        ...outside.map((name) => `    ${idOf(name)}["${name}"]`),
        `    subgraph stack["namespace ${ofKind("Namespace")[0]?.metadata.name ?? "default"}"]`,
        ...pods.map((each) => `        ${nodeOf(each)}`),
        "    end",
        ...new Set([...hosts, ...arrows].map((line) => `    ${line}`)),
        "",
    ].join("\n");
}

function podsOf({ kind, spec }: Rendered): readonly Pods[] {
    const { labels } = (spec?.template ?? spec?.jobTemplate?.spec.template)?.metadata ?? {};
    if (labels === undefined) return [];
    const [name = "", system, component = ""] = ["name", "part-of", "component"].map(
        (label) => labels[`app.kubernetes.io/${label}`],
    );
    return [{ name: name === system ? component : name, kind, labels }];
}

/** Names of the pods that have labels; none where there are no labels to have. */
function selected(pods: readonly Pods[], wanted: Labels = {}): readonly string[] {
    const pairs = Object.entries(wanted);
    const found = pods.filter(({ labels }) => pairs.length > 0 && pairs.every(([key, value]) => labels[key] === value));
    return found.map(({ name }) => name);
}

function endsOf({ podSelector, namespaceSelector, ipBlock }: Peer, pods: readonly Pods[]): readonly string[] {
    if (ipBlock !== undefined) return [/^(0\.0\.0\.0|::)\/0$/.test(ipBlock.cidr) ? "internet" : ipBlock.cidr];
    const namespace = namespaceSelector?.matchLabels?.["kubernetes.io/metadata.name"];
    if (namespace !== undefined) return [`namespace ${namespace}`];
    return namespaceSelector === undefined ? selected(pods, podSelector?.matchLabels) : ["other namespaces"];
}

function nodeOf({ name, kind }: Pods): string {
    const [open, close] = kind === "StatefulSet" ? ["[(", ")]"] : ["[", "]"];
    return `${idOf(name)}${open}"${name}<br/>${kind}"${close}`;
}

function idOf(name: string): string {
    return name.replaceAll(/\W/g, "_");
}

/** A page with the diagram in the place of the one that it has. */
export function withDiagram(page: string, rendering: string): string {
    return page.replace(/(?<=<!-- npm run docs:diagram -->\n\n```mermaid\n)[^]*?(?=```\n)/, () => diagram(rendering));
}

if (import.meta.main) {
    const render = [
        path.join(root, "scripts/render.ts"),
        "--stack",
        "production",
        "--config",
        "placeholderSecrets=true",
    ];
    const { stdout } = await execa(process.execPath, render, { cwd: root, stderr: "inherit" });
    const page = path.join(root, "README.md");
    writeFileSync(page, withDiagram(readFileSync(page, "utf8"), stdout));
    console.log("README.md is written");
}
