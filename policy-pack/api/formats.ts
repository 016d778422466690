/** Forms of single values that the API server's code checks, by name. */
import { isIP } from "node:net";

import { parseQuantity } from "../model/quantity.ts";
import { isMappedAddress, parseRange } from "../model/ranges.ts";
import { isSchedule } from "../model/schedule.ts";
import { isTimeZone } from "../model/time-zone.ts";

interface Form {
    /** Completes "must be" in messages. */
    readonly says: string;
    readonly fits: (value: string) => boolean;
    /** Whether an empty text passes, which counts as an absent one almost everywhere. Default: true. */
    readonly empty?: boolean;
    /** For numbers too. Without it they pass: their type is checked elsewhere. */
    readonly number?: (value: number) => boolean;
}

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** Every form, by the name that `forms.ts` and the OpenAPI documents use. */
export const FORMS_BY_NAME = {
    byte: {
        says: "Base64 text",
        fits: (value) =>
            /^([A-Za-z0-9+/\s]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\s*$/.test(value.replaceAll(/[\r\n]/g, "")),
    },
    "date-time": {
        says: "a time such as 2026-11-21T08:00:00Z",
        fits: (value) =>
            /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(value) &&
            !Number.isNaN(Date.parse(value)),
    },
    quantity: {
        empty: false,
        says: "a quantity such as 100m, 2, 512Mi or 1Gi",
        fits: (value) => parseQuantity(value) !== undefined,
    },
    amount: {
        empty: false,
        says: "a quantity such as 100m, 2, 512Mi or 1Gi, not below 0",
        fits: (value) => (parseQuantity(value) ?? -1) >= 0,
        number: (value) => value >= 0,
    },
    "positive-amount": {
        empty: false,
        says: "a quantity above 0 such as 100m, 2, 512Mi or 1Gi",
        fits: (value) => (parseQuantity(value) ?? 0) > 0,
        number: (value) => value > 0,
    },
    "count-or-percent": {
        empty: false,
        says: "a whole number, or a percentage such as 25%",
        fits: (value) => /^\d+%$/.test(value),
        number: (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 31,
    },
    "count-or-share": {
        empty: false,
        says: "a whole number, or a percentage of at most 100%",
        fits: (value) => /^(\d{1,2}|100)%$/.test(value),
        number: (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 31,
    },
    "port-or-name": {
        empty: false,
        says: "a number from 1 to 65535 (without quotes), or the name of a port: at most 15 lower-case letters, digits and dashes",
        fits: isPortName,
        number: (value) => Number.isInteger(value) && value >= 1 && value <= 65535,
    },
    "target-port": {
        says: "a number from 1 to 65535 (without quotes), the name of a port, or 0 for the Service's own",
        fits: isPortName,
        number: (value) => Number.isInteger(value) && value >= 0 && value <= 65535,
    },
    "port-name": {
        says: "a port's name: at most 15 lower-case letters, digits and single dashes, with at least one letter",
        fits: isPortName,
    },
    label: {
        says: "a name of at most 63 lower-case letters, digits and dashes, with a letter or digit at both ends",
        fits: (value) => LABEL.test(value),
    },
    "label-1035": {
        empty: false,
        says: "a name of at most 63 lower-case letters, digits and dashes that begins with a letter",
        fits: (value) => LABEL.test(value) && /^[a-z]/.test(value),
    },
    "service-name": {
        empty: false,
        says: "a Service's name: at most 63 lower-case letters, digits and dashes, with a letter or digit at both ends",
        fits: (value) => LABEL.test(value),
    },
    subdomain: {
        says: "a name of lower-case letters, digits, dashes and dots, with a letter or digit at both ends, at most 253 in all",
        fits: (value) => SUBDOMAIN.test(value),
    },
    "driver-name": {
        says: "the name of a driver: lower-case letters, digits, dashes and dots, with a letter or digit at both ends, at most 63 in all",
        fits: (value) => value.length <= 63 && SUBDOMAIN.test(value),
    },
    "wildcard-host": {
        says: "a host name such as app.example.com, or one with *. before it; no address",
        fits: (value) => isIP(value) === 0 && SUBDOMAIN.test(value.replace(/^\*\./, "")),
    },
    "wildcard-name": {
        says: "a host name such as app.example.com, or one with *. before it",
        fits: (value) => SUBDOMAIN.test(value.replace(/^\*\./, "")),
    },
    domain: {
        says: "a domain with a dot, such as example.com",
        fits: (value) => SUBDOMAIN.test(value) && value.includes("."),
    },
    "webhook-name": {
        says: "a domain of at least three parts, such as check.example.com",
        fits: (value) => SUBDOMAIN.test(value) && value.split(".").length >= 3,
    },
    "webhook-url": { says: "an https URL without user, query and fragment", fits: isWebhook },
    segments: {
        says: "a path that begins with /, of names without an empty one among them",
        fits: (value) => value === "/" || /^(\/[a-z0-9]([-a-z0-9.]*[a-z0-9])?)+\/?$/.test(value),
    },
    "limit-type": {
        says: "Container, Pod or PersistentVolumeClaim, or a type with a domain before it",
        fits: (value) =>
            ["Container", "Pod", "PersistentVolumeClaim"].includes(value) ||
            (value.includes("/") && isQualifiedName(value)),
    },
    "search-domain": {
        empty: false,
        says: "a domain of lower-case letters, digits, dashes, underscores and dots, with a letter or digit at the end",
        fits: (value) =>
            /^(?=.{1,254}$)(_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*\.?|\.)$/.test(value),
    },
    "domain-path": {
        says: "a domain, a slash and a path, such as example.com/controller",
        fits: isDomainPath,
    },
    "path-segment": {
        says: "a name without / and %, other than . and ..",
        fits: (value) => value !== "" && !/^\.\.?$|[/%]/.test(value),
    },
    "label-key": {
        says: "a label's name: letters, digits, dashes, dots and underscores, at most 63, perhaps after a domain and a slash",
        fits: isQualifiedName,
    },
    "label-value": {
        says: "a label's value: at most 63 letters, digits, dashes, dots and underscores, with a letter or digit at both ends",
        fits: (value) => value === "" || QUALIFIED.test(value),
    },
    "annotation-key": {
        says: "an annotation's name: letters, digits, dashes, dots and underscores, at most 63, perhaps after a domain and a slash",
        fits: (value) => isQualifiedName(value.toLowerCase()),
    },
    "resource-name": {
        says: "the name of a resource: cpu, memory, ephemeral-storage, hugepages-2Mi, or one with a domain before it",
        fits: isQualifiedName,
    },
    "data-key": {
        says: "a key of at most 253 letters, digits, dashes, dots and underscores",
        fits: (value) => /^(?!\.\.?$)(?!\.\.)[-._a-zA-Z0-9]{1,253}$/.test(value),
    },
    "env-name": {
        says: "a variable's name: printable characters without =",
        fits: (value) => /^[ -<>-~]+$/.test(value),
    },
    ip: {
        empty: false,
        says: "an IP address (of IPv4 not in the form of IPv6)",
        fits: (value) => isAddress(value) && !isMappedAddress(value),
    },
    "ip-or-none": {
        says: "an IP address, or None",
        fits: (value) => value === "" || value === "None" || isAddress(value),
    },
    "loose-ip": { empty: false, says: "an IP address", fits: (value) => isAddress(withoutZeros(value)) },
    "loose-cidr": {
        empty: false,
        says: "a range of addresses such as 10.0.0.0/8",
        fits: (value) => parseRange(value) !== undefined,
    },
    cidr: { empty: false, says: "a range of addresses such as 10.0.0.0/8", fits: isRange },
    "absolute-path": { says: "a path that begins with /", fits: (value) => value.startsWith("/") },
    "path-without-dots": { says: "a path without ..", fits: (value) => !value.split("/").includes("..") },
    "relative-path": {
        says: "a relative path without ..",
        fits: (value) => !value.startsWith("/") && !value.split("/").includes(".."),
    },
    "time-zone": {
        empty: false,
        says: "a time zone of the IANA database with exact upper and lower case, such as Europe/Berlin",
        fits: isTimeZone,
    },
    schedule: {
        says: "a schedule of five fields such as */15 * * * *, or one such as @hourly; without a time zone",
        fits: isSchedule,
    },
    text: { empty: false, says: "a text that is not empty", fits: (value) => value !== "" },
    trimmed: {
        empty: false,
        says: "a text that is not empty and has no space at its ends",
        fits: (value) => value !== "" && value.trim() === value,
    },
} satisfies Readonly<Record<string, Form>>;

/**
 * Whether a value has a form. Values of other types pass, as their type is checked elsewhere.
 */
export function hasForm(name: FormName, value: unknown): boolean {
    const { fits, number, empty = true }: Form = FORMS_BY_NAME[name];
    if (typeof value === "string") return value === "" ? empty : fits(value);
    return typeof value !== "number" || number === undefined || number(value);
}

const EARLIER: Partial<Record<FormName, FormName>> = {
    "service-name": "label-1035",
    cidr: "loose-cidr",
    ip: "loose-ip",
};

/** The form as a minor version has it: 1.36 lets names of Services begin with a digit, and reads addresses strictly. */
export function formIn(name: FormName, minor: number): FormName {
    return minor >= 36 ? name : (EARLIER[name] ?? name);
}

/** Name of a form. */
export type FormName = keyof typeof FORMS_BY_NAME;

function isPortName(value: string): boolean {
    return /^(?=.*[a-z])[a-z0-9]([a-z0-9]|-(?!-)){0,14}$/.test(value) && !value.endsWith("-");
}

function isQualifiedName(value: string): boolean {
    const slash = value.indexOf("/");
    return QUALIFIED.test(value.slice(slash + 1)) && (slash < 0 || SUBDOMAIN.test(value.slice(0, slash)));
}

function isWebhook(value: string): boolean {
    const url = URL.canParse(value) ? new URL(value) : undefined;
    return url?.protocol === "https:" && url.username + url.password + url.search + url.hash === "";
}

function isDomainPath(value: string): boolean {
    const slash = value.indexOf("/");
    return (
        slash > 0 &&
        SUBDOMAIN.test(value.slice(0, slash)) &&
        /^[-A-Za-z0-9/._~%!$&'()*+,;=:]+$/.test(value.slice(slash + 1))
    );
}

function withoutZeros(address: string): string {
    return address.replaceAll(/\b0+(?=\d)/g, "");
}

function isAddress(value: string): boolean {
    return isIP(value) !== 0 && !value.includes("%");
}

/** The API server takes no range whose address has bits beyond the prefix, and none with leading zeros. */
function isRange(value: string): boolean {
    const [range, [address = "", length = ""]] = [parseRange(value), value.split("/")];
    // The parts of an IPv6 address may have them, but for those in the form of IPv4.
    const hasZeros = /^0\d/.test(length) || /(^|[.:])0\d+\.|\.0\d/.test(address);
    return range !== undefined && !range.hasHostBits && !range.isMapped && !hasZeros;
}
