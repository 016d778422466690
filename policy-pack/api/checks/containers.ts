/** What the API server's code asks of the parts of a pod. */
import {
    all,
    amountOf,
    exactlyOne,
    isSet,
    isUnknown,
    list,
    pointer,
    STANDARD,
    tree,
    wrong,
    type Check,
    type Tree,
    type Wrong,
} from "./parts.ts";

const probes: Check = function* (container) {
    for (const kind of ["livenessProbe", "startupProbe"]) {
        const { successThreshold } = tree(container[kind]);
        if (typeof successThreshold === "number" && successThreshold > 1)
            yield wrong(`/${kind}/successThreshold`, "must be 1");
    }
    if (isSet(tree(container["readinessProbe"])["terminationGracePeriodSeconds"]))
        yield wrong("/readinessProbe/terminationGracePeriodSeconds", "readiness probes do not have this");
};

const resources: Check = function* (container) {
    const { requests, limits } = tree(container["resources"]);
    for (const [kind, amounts] of [
        ["requests", requests],
        ["limits", limits],
    ] as const)
        for (const [name, amount] of Object.entries(tree(amounts))) {
            const at = `/resources/${kind}/${pointer(name)}`;
            if (!name.includes("/") && !STANDARD.has(name) && !name.startsWith("hugepages-"))
                yield wrong(at, "containers have no such resource");
            if (name.includes("/") && !Number.isInteger(amountOf(amount) ?? 0))
                yield wrong(at, "must be a whole number");
            const page = /^hugepages-(.+)$/.exec(name)?.[1];
            if (page !== undefined && !Number.isInteger((amountOf(amount) ?? 0) / (amountOf(page) ?? 1)))
                yield wrong(at, "must be a multiple of the size of a page");
        }
    yield* fixed(requests, limits);
};

/** Pages and devices are not shared: who asks for some may use as many. */
function* fixed(requests: unknown, limits: unknown): Iterable<Wrong> {
    const names = [...new Set([requests, limits].flatMap((amounts) => Object.keys(tree(amounts))))];
    for (const name of names.filter((each) => each.includes("/") || each.startsWith("hugepages-"))) {
        const [request, limit] = [tree(requests)[name], tree(limits)[name]];
        if (isUnknown(limits) || isUnknown(request) || isUnknown(limit) || request === undefined) continue;
        if (amountOf(request) !== amountOf(limit))
            yield wrong(`/resources/limits/${pointer(name)}`, "must equal the request of this resource");
    }
    const others = [...Object.keys(tree(requests)), ...Object.keys(tree(limits))];
    const isAlone = !others.some((name) => name === "cpu" || name === "memory") && ![requests, limits].some(isUnknown);
    if (isAlone && names.some((name) => name.startsWith("hugepages-")))
        yield wrong("/resources", "huge pages need CPU or memory beside them");
}

const mounted: Check = function* ({ volumeMounts, securityContext, ports }) {
    const isPrivileged = tree(securityContext)["privileged"];
    for (const [index, { mountPropagation }] of list(volumeMounts).map(tree).entries())
        if (mountPropagation === "Bidirectional" && isPrivileged !== true && !isUnknown(isPrivileged))
            yield wrong(`/volumeMounts/${index}/mountPropagation`, "Bidirectional is for privileged containers only");
    const taken = new Set<string>();
    for (const [index, port] of list(ports).map(tree).entries()) {
        const { hostPort, hostIP, protocol = "TCP" } = port;
        if (typeof hostPort !== "number" || hostPort === 0 || isUnknown(hostIP) || isUnknown(protocol)) continue;
        const key = JSON.stringify([hostPort, hostIP, protocol]);
        if (taken.has(key)) yield wrong(`/ports/${index}/hostPort`, "the container has two ports with this one");
        taken.add(key);
    }
};

const security: Check = function* ({ privileged, allowPrivilegeEscalation, capabilities }) {
    if (allowPrivilegeEscalation !== false) return;
    if (privileged === true) yield wrong("/allowPrivilegeEscalation", "a privileged container cannot have this false");
    if (list(tree(capabilities)["add"]).includes("CAP_SYS_ADMIN"))
        yield wrong("/allowPrivilegeEscalation", "with the capability CAP_SYS_ADMIN this cannot be false");
};

const profile: Check = function* ({ type, localhostProfile }) {
    if (type === "Localhost" && !isSet(localhostProfile))
        yield wrong("/localhostProfile", "the type Localhost needs it");
    if (type !== "Localhost" && !isUnknown(type) && isSet(localhostProfile))
        yield wrong("/localhostProfile", "it is for the type Localhost only");
};

const VALUES: Readonly<Record<string, "some" | "none" | "number">> = {
    In: "some",
    NotIn: "some",
    Exists: "none",
    DoesNotExist: "none",
    Gt: "number",
    Lt: "number",
};

/** An operator of a selector wants some values, none, or one number. */
const operator: Check = function* ({ operator, values }) {
    const wanted = typeof operator === "string" && Object.hasOwn(VALUES, operator) ? VALUES[operator] : undefined;
    if (isUnknown(values) || wanted === undefined) return;
    const given = list(values);
    if (wanted === "some" && given.length === 0)
        yield wrong("/values", `the operator ${String(operator)} needs values`);
    if (wanted === "none" && given.length > 0)
        yield wrong("/values", `the operator ${String(operator)} takes no values`);
    if (
        wanted === "number" &&
        (given.length !== 1 ||
            !given.every((value) => isUnknown(value) || (typeof value === "string" && /^-?\d+$/.test(value))))
    )
        yield wrong("/values", `the operator ${String(operator)} takes one whole number, as text`);
};

const labelsOf = function* (name: string, values: readonly unknown[]): Iterable<Wrong> {
    for (const [index, value] of values.entries())
        if (typeof value === "string" && value !== "" && !/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(value))
            yield wrong(
                `/${name}/${index}`,
                "must be a label's value: at most 63 letters, digits, dashes, dots and underscores",
            );
};

function* labelKeys(part: Tree): Iterable<Wrong> {
    for (const field of ["matchLabelKeys", "mismatchLabelKeys"])
        if (list(part[field]).length > 0 && !isSet(part["labelSelector"]))
            yield wrong(`/${field}`, "it needs a labelSelector");
}

const FIELD =
    /^(metadata\.(name|namespace|uid|labels(\['.+'\])?|annotations(\['.+'\])?)|spec\.(nodeName|serviceAccountName)|status\.(podIPs?|hostIPs?))$/;

const ENV_SOURCES = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];
const HANDLERS = ["exec", "httpGet", "tcpSocket", "sleep"];

export const CONTAINER_CHECKS: Readonly<Record<string, Check>> = {
    "core.v1.Container": all(probes, resources, mounted),
    "core.v1.SecurityContext": security,
    "core.v1.SeccompProfile": profile,
    "core.v1.AppArmorProfile": profile,
    "core.v1.Probe": exactlyOne("a probe", ["exec", "httpGet", "tcpSocket", "grpc"]),
    "core.v1.LifecycleHandler": exactlyOne("a handler", HANDLERS),
    "core.v1.EnvVarSource": exactlyOne("a source", ENV_SOURCES),
    "core.v1.EnvFromSource": exactlyOne("a source", ["configMapRef", "secretRef"]),
    "core.v1.EnvVar": function* ({ value, valueFrom }) {
        if (isSet(value) && isSet(valueFrom)) yield wrong("/valueFrom", "a variable has either value or valueFrom");
    },
    "core.v1.ObjectFieldSelector": function* ({ fieldPath, apiVersion }) {
        if (typeof fieldPath === "string" && fieldPath !== "" && !FIELD.test(fieldPath))
            yield wrong("/fieldPath", "pods offer no such field");
        if (isSet(apiVersion) && !isUnknown(apiVersion) && apiVersion !== "v1")
            yield wrong("/apiVersion", "must be v1");
    },
    "core.v1.ResourceFieldSelector": function* ({ resource }) {
        if (
            typeof resource === "string" &&
            !/^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.+)$/.test(resource)
        )
            yield wrong(
                "/resource",
                "must be limits or requests, a dot, and cpu, memory, ephemeral-storage or hugepages",
            );
    },
    "core.v1.Volume": function* (volume) {
        const sources = Object.keys(volume).filter((field) => field !== "name" && isSet(volume[field]));
        if (sources.length > 1) yield wrong(`/${sources[1] ?? ""}`, "this is one too many: a volume has one source");
    },
    "core.v1.Toleration": function* ({ operator, key, value, effect, tolerationSeconds }) {
        const isEqual = !isSet(operator) || operator === "Equal";
        if (operator === "Exists" && isSet(value))
            yield wrong("/value", "a toleration with the operator Exists takes no value");
        if (!isSet(key) && isEqual) yield wrong("/operator", "a toleration without a key needs the operator Exists");
        if (isSet(tolerationSeconds) && !isUnknown(effect) && effect !== "NoExecute")
            yield wrong("/tolerationSeconds", "seconds are for the effect NoExecute only");
        if (isEqual) for (const found of labelsOf("value", [value])) yield { ...found, at: "/value" };
    },
    "core.v1.NodeSelectorRequirement": all(operator, function* ({ operator, values }) {
        if (operator === "In" || operator === "NotIn") yield* labelsOf("values", list(values));
    }),
    "core.v1.NodeSelectorTerm": function* ({ matchFields }) {
        for (const [index, { key, operator, values }] of list(matchFields).map(tree).entries()) {
            if (isSet(key) && !isUnknown(key) && key !== "metadata.name")
                yield wrong(`/matchFields/${index}/key`, "must be metadata.name");
            if (isSet(operator) && !isUnknown(operator) && operator !== "In" && operator !== "NotIn")
                yield wrong(`/matchFields/${index}/operator`, "must be In or NotIn");
            else if (!isUnknown(values) && list(values).length > 1)
                yield wrong(`/matchFields/${index}/values`, "must be one value");
        }
    },
    "meta.v1.LabelSelectorRequirement": all(operator, function* ({ values }) {
        yield* labelsOf("values", list(values));
    }),
    "core.v1.PodAffinityTerm": function* (term) {
        yield* labelKeys(term);
        const [same, other] = [list(term["matchLabelKeys"]), list(term["mismatchLabelKeys"])];
        for (const [index, key] of same.entries())
            if (!isUnknown(key) && other.includes(key))
                yield wrong(`/matchLabelKeys/${index}`, "the key is in mismatchLabelKeys as well");
    },
    "core.v1.TopologySpreadConstraint": function* (constraint) {
        yield* labelKeys(constraint);
        const { minDomains, whenUnsatisfiable } = constraint;
        if (isSet(minDomains) && whenUnsatisfiable === "ScheduleAnyway")
            yield wrong("/minDomains", "it is for DoNotSchedule only");
    },
    "core.v1.VolumeMount": function* ({ recursiveReadOnly, readOnly, mountPropagation }) {
        if (!isSet(recursiveReadOnly) || recursiveReadOnly === "Disabled" || isUnknown(recursiveReadOnly)) return;
        if (recursiveReadOnly !== "Enabled" && recursiveReadOnly !== "IfPossible")
            yield wrong("/recursiveReadOnly", "must be Disabled, Enabled or IfPossible");
        if (isUnknown(readOnly)) return;
        if (readOnly !== true) yield wrong("/recursiveReadOnly", "it needs readOnly: true");
        if (isSet(mountPropagation) && mountPropagation !== "None" && !isUnknown(mountPropagation))
            yield wrong("/mountPropagation", "with recursiveReadOnly it must be None");
    },
    "node.v1.Overhead": function* ({ podFixed }) {
        for (const name of Object.keys(tree(podFixed)))
            if (!name.includes("/") && !STANDARD.has(name) && !name.startsWith("hugepages-"))
                yield wrong(`/podFixed/${name}`, "must be cpu, memory, ephemeral-storage or hugepages");
    },
    "core.v1.Sysctl": function* ({ name }) {
        if (
            typeof name === "string" &&
            (name.length > 253 || !/^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/.test(name))
        )
            yield wrong("/name", "must be the name of a sysctl");
    },
};
