/** The shapes of single values, each with a message that says what the value must look like. */
import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { z } from "./zod.ts";
import { areEverywhere, isCidr, networkOf } from "./cidr.ts";
import { everRuns, isCron } from "./cron.ts";
import { isQuantity, quantity } from "./quantity.ts";
import { isTimeZone } from "../policy-pack/model/time-zone.ts";

const dnsLabelPattern = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const dnsNamePattern = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;
const hostPattern = /^(?=.{1,253}$)([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const repositoryPattern =
    /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?(:\d{1,5})?\/)?[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*(\/[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*)*$/;

/** A DNS label (RFC 1123): the name of a namespace or a Service. */
export const dnsLabel = z
    .string()
    .regex(dnsLabelPattern, "must be a DNS label: lower-case letters, digits and hyphens, 63 at most");

/** A DNS name (RFC 1123 subdomain): the name of a Secret or of an Ingress class; it may have dots. */
export const dnsName = z
    .string()
    .regex(dnsNamePattern, "must be a DNS name: lower-case letters, digits, hyphens and dots, 253 at most");

/** The name of a namespace for applications. */
export const namespace = dnsLabel.refine(
    (name) => name !== "default" && !name.startsWith("kube-"),
    "must be a namespace of its own, not default and none of Kubernetes' (kube-…)",
);

/** A host name of two labels or more. */
export const host = z
    .string()
    .regex(hostPattern, {
        error: "must be a host name such as api.example.com (lower case, no scheme, no wildcard)",
        abort: true,
    })
    .refine((name) => isIP(name) === 0, "must be a host name such as api.example.com, not an address");

/** An absolute http or https URL without query and fragment. */
export const url = z
    .string()
    .refine((text) => isUrl(text, true), "must be a URL such as https://charts.example.com (no user, no query)");

/** A URL of a server alone, over https. */
export const httpsUrl = z
    .string()
    .refine(
        (text) => isUrl(text, false) && text.startsWith("https:"),
        "must be a URL such as https://s3.eu-central-1.amazonaws.com (https, no path)",
    );

/** The address that services build others from. */
export const baseUrl = z
    .string()
    .refine(
        (text) => isUrl(text, true) && !text.endsWith("/"),
        "must be a URL such as https://api.example.com (no user, no query, no slash at the end)",
    );

/** An origin (scheme, host, port) as browsers send it. */
export const origin = z
    .string()
    .refine((text) => isUrl(text, false), "must be an origin such as https://example.com (no path, no *)");

export const port = z.int().min(1).max(65535);

/** A name or an IPv4 address, and a port. */
export const hostAndPort = z
    .string()
    .refine(
        (text) => /^[a-z0-9.-]+:[0-9]+$/.test(text) && port.safeParse(Number(text.split(":")[1])).success,
        "must be a host and a port such as traefik.traefik.svc:443",
    );

/** A cron expression of five fields. */
export const cron = z
    .string()
    .refine(isCron, { error: "must be a cron expression of five fields such as */5 * * * *", abort: true })
    .refine(everRuns, "must be a schedule that starts a run at some time");

export const timeZone = z
    .string()
    .refine(isTimeZone, "must be a time zone of the IANA database such as Etc/UTC or Europe/Berlin");

/**
 * A Kubernetes quantity within bounds, which are quantities themselves; a bare number is one too, as in `cpu: 1`. A value
 * beyond them, such as 512m of memory (half a byte), is valid for the API server, and no container starts with it.
 */
export function quantityText(least: string, most: string, { zero = true } = {}) {
    return z.preprocess(
        (value) => (typeof value === "number" ? String(value) : value),
        z
            .string()
            .refine(isQuantity, { error: "must be a quantity such as 500m or 256Mi (no space)", abort: true })
            .refine(
                // Rules decide where 0, which means none, is allowed.
                (text) =>
                    (zero && quantity(text) === 0) ||
                    (quantity(text) >= quantity(least) && quantity(text) <= quantity(most)),
                `must be a quantity from ${least} to ${most}`,
            ),
    );
}

/** A percentage within bounds, as text; a bare number is one too. */
export function percentage(least: string, most: string) {
    return z.preprocess(
        (value) => (typeof value === "number" ? String(value) : value),
        z
            .string()
            .refine(
                (text) => /^\d+(\.\d+)?$/.test(text) && Number(text) >= Number(least) && Number(text) <= Number(most),
                `must be a percentage from ${least} to ${most}`,
            ),
    );
}

/** Amounts of what a container may ask for; those of memory and disk are in bytes. */
export const amounts = {
    cpu: quantityText("1m", "192"),
    memory: quantityText("1Mi", "1Pi"),
    "ephemeral-storage": quantityText("1Mi", "1Pi"),
};

/** Size of a volume: one of 0 holds nothing, or has no limit. */
export const volumeSize = quantityText("1Mi", "1Pi", { zero: false });

/** The repository part of an image reference. */
export const imageRepository = z
    .string()
    .regex(repositoryPattern, {
        error: "must be an image repository such as tradestreamhq/gateway-api (no tag; see image.tag)",
        abort: true,
    })
    .refine(hasRealPort, "must have a port of its registry from 1 to 65535");

/** A registry with a path or without, before the repository in an image reference. */
export const imageRegistry = z
    .string()
    .refine((text) => hasRegistry(`${text}/image`) && repositoryPattern.test(`${text}/image`), {
        error: "must be an image registry such as registry.example.com/mirror (no scheme, no slash at the end)",
        abort: true,
    })
    .refine(hasRealPort, "must have a port from 1 to 65535");

/** Whether the port of the host that a reference begins with, if any, is one. */
export function hasRealPort(reference: string): boolean {
    const port = Number(/^(?:\w+:\/\/)?[^/]*:(\d+)(?:\/|$)/.exec(reference)?.[1] ?? 443);
    return port >= 1 && port <= 65535;
}

/** Whether the repository part of an image reference names its registry, as container runtimes decide it. */
export function hasRegistry(repository: string): boolean {
    return /^(localhost|[^/]*[.:][^/]*)\//.test(repository);
}

/** The tag part of an image reference. */
export const imageTag = z.string().regex(/^\w[\w.-]{0,127}$/, "must be an image tag such as v1.0.0");

export const imageDigest = z.string().regex(/^sha256:[0-9a-f]{64}$/, "must be a digest: sha256: and 64 hex digits");

/** The parts of an image reference, unchecked. */
export function imageParts(text: string) {
    const [, repository = "", tag, digest] = /^(.*?)(?::([^:/@]+))?(?:@(.*))?$/.exec(text) ?? [];
    return { repository, tag, digest };
}

/** A whole image reference. */
export const image = z.string().refine((text) => {
    const { repository, tag, digest } = imageParts(text);
    return (
        imageRepository.safeParse(repository).success &&
        (tag ?? digest) !== undefined &&
        imageTag.optional().safeParse(tag).success &&
        imageDigest.optional().safeParse(digest).success
    );
}, "must be an image with its tag or digest, such as registry.example.com/proxy:v1.2.3");

/** Certificates in PEM, with text between them or not. */
export const certificates = z
    .string()
    .refine(
        isCertificates,
        "must be certificates in PEM, one or more: -----BEGIN CERTIFICATE-----, base64, -----END CERTIFICATE-----, and no key",
    );

/** The address of an HTTP proxy. */
export const proxyUrl = z
    .string()
    .refine(
        (text) => isUrl(text, true) && new URL(text).pathname === "/" && !text.endsWith("/"),
        "must be a URL such as http://proxy.example.com:3128 (no user, no path)",
    );

export const variableName = z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be a variable name: letters, digits and underscores");

/** The key of a label: a name, with a DNS name and a slash before it or not. */
export const labelKey = z.string().refine(isLabelKey, "must be a key such as topology.kubernetes.io/zone");

/** The key of an annotation, whose DNS name may have capitals. */
export const annotationKey = z
    .string()
    .refine((key) => isLabelKey(key.toLowerCase()), "must be a key such as topology.kubernetes.io/zone");

/** A range of addresses, IPv4 or IPv6. */
export const cidr = z.string().refine(isCidr, "must be an address range such as 10.20.0.0/16");

/** Ranges that do not make up all addresses together. */
export function networks(hint = "") {
    return z.array(network(hint)).refine(
        // One that is everywhere by itself has an error of its own.
        (ranges) => ranges.some((one) => areEverywhere([one])) || !areEverywhere(ranges),
        `must not be all addresses together${hint}`,
    );
}

/** A range for a network policy, not of all addresses: the API server refuses bits after the prefix. */
export function network(hint = "") {
    return cidr.refine(
        (range) => !isCidr(range) || (networkOf(range) === range && !areEverywhere([range])),
        `must be an address range without bits after the prefix such as 10.20.0.0/16${hint}`,
    );
}

/** An entry of NO_PROXY. */
export const noProxy = z
    .string()
    .refine(
        (text) => isCidr(text) || isIP(text) !== 0 || dnsNamePattern.test(text.replace(/^\./, "")),
        "must be a host, a domain such as .example.com or an address range such as 10.20.0.0/16 (no *)",
    );

export const labelValue = z
    .string()
    .regex(
        /^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/,
        "must be a label value: letters, digits, hyphens, dots and underscores, 63 at most",
    );

/** A key in a Secret. */
export const secretKey = z
    .string()
    .regex(/^(?!\.\.?$|\.\.)[-\w.]{1,253}$/, "must be a Secret's key: letters, digits, hyphens, dots and underscores");

/** The uid of a Kubernetes object; the API server writes it in lower case. */
export const uid = z.uuid("must be a UUID such as 0e7c1e0a-5b8f-4d2c-9a54-3f1d6c7b8e90").toLowerCase();

/** A path of an Ingress: the API server refuses what could name another path than it seems to. */
export const ingressPath = z
    .string()
    .regex(
        /^(?!.*(\/\/|\/\.\.?(\/|$)|%2f|%2F))\/\S*$/,
        "must be a path that begins with /, without //, /./, /../ and %2F",
    );

/** The size of a request's body as nginx reads it. */
export const bodySize = z
    .string()
    .regex(/^\d+[kmg]?$/i, "must be a size such as 10m: a number, with k, m or g for a unit");

/** An absolute path of an HTTP request. */
export const urlPath = z.string().regex(/^\/\S*$/, "must be a path that begins with /");

/** What ingress-nginx takes as the target of a rewrite (`RegexPathWithCapture` of its annotation parser). */
export const rewriteTarget = z
    .string()
    .regex(/^\/[-.~\w/$:]*$/, "must be a path such as /api/$1: letters, digits, $ and - . _ ~ / :");

/** Where a volume is mounted: a directory of its own. */
export const mountPath = z
    .string()
    .regex(
        /^(\/(?!\.\.?(\/|$))[^/:\s]+)+$/,
        "must be an absolute path such as /etc/gateway-api (no colon, no slash at the end)",
    )
    .refine(
        (path) => !["/tmp", "/etc/ca-bundle", "/etc/database-tls"].includes(path),
        "must be another path than /tmp, /etc/ca-bundle and /etc/database-tls, which the program mounts",
    )
    .refine(
        (path) => !/^\/(dev|proc|sys|var\/run\/secrets)(\/|$)/.test(path),
        "must be a path outside of /dev, /proc, /sys and /var/run/secrets, which belong to the system",
    );

/** A path, or a kubeconfig's text; never empty. */
export const text = z.string().min(1, "must not be empty");

function isLabelKey(key: string): boolean {
    const slash = key.indexOf("/");
    const [domain, name] = [key.slice(0, Math.max(0, slash)), key.slice(slash + 1)];
    return /^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/.test(name) && (slash < 0 || dnsNamePattern.test(domain));
}

function isCertificates(text: string): boolean {
    const blocks = text.match(/-----BEGIN [^-]+-----[^-]*-----END [^-]+-----/g) ?? [];
    const isCertificate = (block: string): boolean => {
        try {
            return block.startsWith("-----BEGIN CERTIFICATE-----") && new X509Certificate(block).raw.length > 0;
        } catch {
            return false;
        }
    };
    return blocks.length > 0 && blocks.length === text.split("-----BEGIN").length - 1 && blocks.every(isCertificate);
}

function isUrl(candidate: string, allowPath: boolean): boolean {
    const parsed = URL.canParse(candidate) ? new URL(candidate) : undefined;
    return (
        parsed !== undefined &&
        (parsed.protocol === "https:" || parsed.protocol === "http:") &&
        parsed.username === "" &&
        parsed.password === "" &&
        parsed.search === "" &&
        parsed.hash === "" &&
        parsed.port !== "0" &&
        (allowPath || candidate === parsed.origin)
    );
}
