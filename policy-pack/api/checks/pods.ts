/** What the API server's code asks of a pod as a whole. */
import {
    all,
    amountOf,
    exactlyOne,
    isSet,
    isUnknown,
    list,
    pointer,
    text,
    tree,
    wrong,
    type Check,
    type Tree,
    type Wrong,
} from "./parts.ts";

const CONTAINERS = ["containers", "initContainers"] as const;

const names: Check = function* (spec) {
    const seen = new Set<unknown>();
    for (const { at, container } of containersOf(spec)) {
        const { name } = container;
        if (text(name) === undefined) continue;
        // Two in one list are found by the schema.
        if (seen.has(name) && at.startsWith("/init"))
            yield wrong(`${at}/name`, "the pod has two containers of this name");
        seen.add(name);
    }
};

/** Containers have a policy of their own since 1.35; before, only init containers that stay. */
const restarts: Check = function* (spec, { version }) {
    for (const { at, container } of containersOf(spec)) {
        const { restartPolicy: policy } = container;
        const isInit = at.startsWith("/init");
        if (typeof policy === "string" && policy !== "") {
            const known = version >= 35 ? ["Always", "OnFailure", "Never"] : isInit ? ["Always"] : [];
            if (known.length === 0) yield wrong(`${at}/restartPolicy`, "it is for init containers only");
            else if (!known.includes(policy)) yield wrong(`${at}/restartPolicy`, `must be one of ${known.join(", ")}`);
        }
        if (!isInit || policy === "Always" || isUnknown(policy)) continue;
        for (const field of ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"])
            if (isSet(container[field]))
                yield wrong(`${at}/${field}`, "an init container has this only with restartPolicy: Always");
    }
};

const mounts: Check = function* (spec, { root }) {
    const { volumes } = spec;
    const claims = list(tree(root["spec"])["volumeClaimTemplates"]).map((claim) => tree(tree(claim)["metadata"]));
    const known = [...list(volumes).map(tree), ...claims].map(({ name }) => name);
    const { volumeClaimTemplates } = tree(root["spec"]);
    const isOpen =
        isUnknown(volumes) ||
        list(volumes).some(isUnknown) ||
        known.some(isUnknown) ||
        [
            volumeClaimTemplates,
            ...list(volumeClaimTemplates),
            ...list(volumeClaimTemplates).map((claim) => tree(claim)["metadata"]),
        ].some(isUnknown);
    for (const { at, container } of containersOf(spec)) {
        const paths = new Set<unknown>();
        for (const [index, mount] of list(container["volumeMounts"]).map(tree).entries()) {
            const { name, mountPath, subPath, subPathExpr } = mount;
            const place = `${at}/volumeMounts/${index}`;
            if (!isOpen && isSet(name) && text(name) !== undefined && !known.includes(name))
                yield wrong(`${place}/name`, "the pod has no such volume");
            if (text(mountPath) !== undefined && paths.has(mountPath))
                yield wrong(`${place}/mountPath`, "the container has two mounts at this path");
            paths.add(mountPath);
            if (isSet(subPath) && isSet(subPathExpr))
                yield wrong(`${place}/subPathExpr`, "a mount has either subPath or subPathExpr");
        }
    }
};

/** Requests and limits of the whole pod, which Kubernetes has since 1.32. */
const podLevel: Check = function* (spec) {
    const resources = tree(spec["resources"]);
    for (const [name, limit] of Object.entries(tree(resources["limits"]))) {
        const request = amountOf(tree(resources["requests"])[name]);
        if ((request ?? 0) > (amountOf(limit) ?? Infinity))
            yield wrong(`/resources/requests/${pointer(name)}`, "the request of the pod is above its limit");
        for (const [index, container] of list(spec["containers"]).map(tree).entries()) {
            const own = amountOf(tree(tree(container["resources"])["limits"])[name]);
            if ((own ?? 0) > (amountOf(limit) ?? Infinity))
                yield wrong(
                    `/containers/${index}/resources/limits/${pointer(name)}`,
                    "the limit of the container is above that of the pod",
                );
        }
    }
    for (const part of ["requests", "limits"])
        for (const name of Object.keys(tree(resources[part])))
            if (!/^(cpu|memory|hugepages-.*)$/.test(name))
                yield wrong(
                    `/resources/${part}/${pointer(name)}`,
                    `a pod as a whole has ${part} of cpu, memory and hugepages only`,
                );
    for (const [name, request] of Object.entries(tree(resources["requests"]))) {
        if ((amountOf(request) ?? Infinity) < leastOf(spec, name))
            yield wrong(
                `/resources/requests/${pointer(name)}`,
                "the request of the pod is below the sum of those of its containers",
            );
    }
    if (isSet(resources["claims"])) yield wrong("/resources/claims", "claims belong to containers");
};

const surroundings: Check = function* (spec, { root }) {
    const {
        dnsPolicy,
        dnsConfig,
        hostPID,
        shareProcessNamespace,
        hostNetwork,
        hostUsers,
        terminationGracePeriodSeconds = 30,
    } = spec;
    if (
        dnsPolicy === "None" &&
        !isUnknown(dnsConfig) &&
        !isUnknown(tree(dnsConfig)["nameservers"]) &&
        list(tree(dnsConfig)["nameservers"]).length === 0
    )
        yield wrong("/dnsConfig", "the DNS policy None needs a nameserver");
    if (hostPID === true && shareProcessNamespace === true)
        yield wrong("/shareProcessNamespace", "a pod has either shareProcessNamespace or hostPID");
    if (hostUsers === false)
        for (const field of ["hostNetwork", "hostPID", "hostIPC"])
            if (spec[field] === true) yield wrong(`/${field}`, "with hostUsers: false a pod does not have this");
    if (list(spec["ephemeralContainers"]).length > 0)
        yield wrong("/ephemeralContainers", "ephemeral containers are added to running pods only");
    if (
        isSet(spec["activeDeadlineSeconds"]) &&
        ["Deployment", "DaemonSet", "ReplicaSet", "ReplicationController"].includes(String(root["kind"]))
    )
        yield wrong("/activeDeadlineSeconds", "pods that are meant to run for ever have no deadline");
    const processes = [spec, ...containersOf(spec).map(({ container }) => container)].map(
        ({ securityContext }) => tree(tree(securityContext)["windowsOptions"])["hostProcess"],
    );
    if (processes.includes(true) && hostNetwork !== true && !isUnknown(hostNetwork))
        yield wrong("/hostNetwork", "host processes need hostNetwork: true");
    const sysctls = list(tree(spec["securityContext"])["sysctls"]).map((sysctl) => tree(sysctl)["name"]);
    for (const [index, name] of sysctls.entries())
        if (typeof name === "string" && sysctls.indexOf(name) < index)
            yield wrong(`/securityContext/sysctls/${index}/name`, "the list has two entries with this name");
    const claims = spec["resourceClaims"];
    const claimed = list(claims).map((claim) => tree(claim)["name"]);
    for (const { at, container } of containersOf(spec)) {
        for (const [index, { name }] of list(tree(container["resources"])["claims"]).map(tree).entries())
            if (text(name) !== undefined && ![claims, ...claimed].some(isUnknown) && !claimed.includes(name))
                yield wrong(`${at}/resources/claims/${index}/name`, "the pod has no such claim");
        for (const [index, port] of list(container["ports"]).map(tree).entries())
            if (
                hostNetwork === true &&
                isSet(port["hostPort"]) &&
                port["hostPort"] !== 0 &&
                !isUnknown(port["hostPort"]) &&
                !isUnknown(port["containerPort"]) &&
                port["hostPort"] !== port["containerPort"]
            )
                yield wrong(`${at}/ports/${index}/hostPort`, "with hostNetwork it must equal containerPort");
        const { seconds } = tree(tree(tree(container["lifecycle"])["preStop"])["sleep"]);
        if (
            typeof seconds === "number" &&
            typeof terminationGracePeriodSeconds === "number" &&
            seconds > terminationGracePeriodSeconds
        )
            yield wrong(`${at}/lifecycle/preStop/sleep/seconds`, "must be at most terminationGracePeriodSeconds");
        if (
            tree(container["securityContext"])["procMount"] === "Unmasked" &&
            !isUnknown(hostUsers) &&
            hostUsers !== false
        )
            yield wrong(`${at}/securityContext/procMount`, "Unmasked needs hostUsers: false");
    }
};

const LINUX_POD = [
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "sysctls",
    "runAsUser",
    "runAsGroup",
    "supplementalGroups",
];
const LINUX_CONTAINER = [
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
];

const operatingSystem: Check = function* (spec) {
    const { name } = tree(spec["os"]);
    const fields = function* (at: string, context: unknown, taken: readonly string[]): Iterable<Wrong> {
        for (const field of taken)
            if (isSet(tree(context)[field]))
                yield wrong(`${at}/securityContext/${field}`, `pods of ${String(name)} do not have this`);
    };
    if (name !== "windows" && name !== "linux") {
        if (text(name) !== undefined && name !== "") yield wrong("/os/name", "must be linux or windows");
        return;
    }
    const [ofPod, ofContainer] =
        name === "windows" ? [LINUX_POD, LINUX_CONTAINER] : [["windowsOptions"], ["windowsOptions"]];
    yield* fields("", spec["securityContext"], ofPod);
    for (const { at, container } of containersOf(spec)) yield* fields(at, container["securityContext"], ofContainer);
    if (name === "linux") return;
    for (const field of ["hostPID", "hostIPC", "hostUsers", "shareProcessNamespace", "resources"])
        if (isSet(spec[field]) && spec[field] !== false) yield wrong(`/${field}`, "pods of windows do not have this");
};

export const POD_CHECKS: Readonly<Record<string, Check>> = {
    "core.v1.PodSpec": all(names, restarts, mounts, podLevel, surroundings, operatingSystem),
    "core.v1.PodResourceClaim": exactlyOne("a claim", ["resourceClaimName", "resourceClaimTemplateName"]),
};

/** The containers of a pod, each with its place. */
function containersOf(spec: Tree): readonly { readonly at: string; readonly container: Tree }[] {
    return CONTAINERS.flatMap((field) =>
        list(spec[field]).map((container, index) => ({ at: `/${field}/${index}`, container: tree(container) })),
    );
}

/** What the containers of a pod ask for together: sidecars and containers at once, other init containers in turn before. */
function leastOf(spec: Tree, name: string): number {
    const of = (container: Tree): number => {
        const { requests, limits } = tree(container["resources"]);
        return amountOf(tree(requests)[name]) ?? amountOf(tree(limits)[name]) ?? 0;
    };
    let [sidecars, most] = [0, 0];
    for (const container of list(spec["initContainers"]).map(tree)) {
        if (container["restartPolicy"] === "Always") sidecars += of(container);
        else most = Math.max(most, sidecars + of(container));
    }
    return Math.max(
        most,
        list(spec["containers"])
            .map(tree)
            .reduce((sum, container) => sum + of(container), sidecars),
    );
}
