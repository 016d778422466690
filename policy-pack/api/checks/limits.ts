/** What the API server's code asks of quotas, limits and priorities. */
import { amountOf, below, isSet, isUnknown, list, pointer, STANDARD, text, tree, wrong, type Check } from "./parts.ts";

const limits: Check = function* ({ type, min, max, default: usual, defaultRequest, maxLimitRequestRatio }) {
    const order = [
        ["min", min],
        ["defaultRequest", defaultRequest],
        ["default", usual],
        ["max", max],
    ] as const;
    for (const [index, [name, amounts]] of order.entries())
        for (const [resource, amount] of Object.entries(tree(amounts))) {
            const at = `/${name}/${pointer(resource)}`;
            if (
                order
                    .slice(0, index)
                    .some(([, lower]) => (amountOf(tree(lower)[resource]) ?? -1) > (amountOf(amount) ?? Infinity))
            )
                yield wrong(at, "must be in the order of min, defaultRequest, default and max");
            if ((type === "Container" || type === "Pod") && !isOfContainers(resource))
                yield wrong(at, "containers have no such resource");
        }
    for (const [resource, ratio] of Object.entries(tree(maxLimitRequestRatio))) {
        const most = (amountOf(tree(max)[resource]) ?? Infinity) / (amountOf(tree(min)[resource]) ?? 0);
        const given = amountOf(ratio) ?? 1;
        if (given < 1 || given > most)
            yield wrong(`/maxLimitRequestRatio/${pointer(resource)}`, "must be from 1 to the ratio of max to min");
    }
    if (type === "Pod")
        for (const [name, given] of [
            ["default", usual],
            ["defaultRequest", defaultRequest],
        ] as const)
            if (isSet(given)) yield wrong(`/${name}`, "limits of the type Pod do not have it");
    if (
        type === "PersistentVolumeClaim" &&
        !isSet(tree(min)["storage"]) &&
        !isSet(tree(max)["storage"]) &&
        ![min, max].some(isUnknown)
    )
        yield wrong("", "limits of claims need min or max of storage");
};

function isOfContainers(resource: string): boolean {
    return STANDARD.has(resource) || resource.includes("/") || resource.startsWith("hugepages-");
}

/** Numbers of objects, which are whole. */
const COUNTED = [
    ...["pods", "services", "services.nodeports", "services.loadbalancers", "replicationcontrollers"],
    ...["resourcequotas", "secrets", "configmaps", "persistentvolumeclaims"],
];
const AMOUNTS =
    /^((requests|limits)\.)?(cpu|memory|ephemeral-storage)$|^requests\.storage$|^((requests|limits)\.)?hugepages-/;

const CONFLICTS = [
    ["BestEffort", "NotBestEffort"],
    ["Terminating", "NotTerminating"],
] as const;

const quota: Check = function* ({ hard, scopes, scopeSelector }) {
    for (const [name, amount] of Object.entries(tree(hard))) {
        const at = `/hard/${pointer(name)}`;
        const isCounted = COUNTED.includes(name) || name.startsWith("count/");
        if (!isCounted && !AMOUNTS.test(name) && !name.includes("/")) yield wrong(at, "quotas have no such resource");
        if (isCounted && !Number.isInteger(amountOf(amount) ?? 0)) yield wrong(at, "must be a whole number");
    }
    const given = list(scopes);
    for (const [one, other] of CONFLICTS)
        if (given.includes(one) && given.includes(other)) yield wrong("/scopes", `${one} and ${other} are in conflict`);
    if (given.includes("BestEffort") && Object.keys(tree(hard)).some((name) => name !== "pods"))
        yield wrong("/scopes", "the scope BestEffort is for the number of pods alone");
    for (const [index, part] of list(tree(scopeSelector)["matchExpressions"]).map(tree).entries()) {
        const { operator, values } = part;
        if (isUnknown(values)) continue;
        const at = `/scopeSelector/matchExpressions/${index}/values`;
        if ((operator === "In" || operator === "NotIn") && list(values).length === 0)
            yield wrong(at, `the operator ${operator} needs values`);
        if ((operator === "Exists" || operator === "DoesNotExist") && list(values).length > 0)
            yield wrong(at, `the operator ${operator} takes no values`);
    }
};

/** The classes of Kubernetes' own, which have higher values. */
const SYSTEM: readonly unknown[] = ["system-cluster-critical", "system-node-critical"];
const MOST_URGENT = 1_000_000_000;

export const LIMIT_CHECKS: Readonly<Record<string, Check>> = {
    "core.v1.LimitRangeItem": limits,
    "core.v1.ResourceQuotaSpec": quota,
    "scheduling.v1.PriorityClass": function* ({ metadata, value }) {
        const name = below(metadata, "name");
        if (SYSTEM.includes(name)) return;
        if (text(name)?.startsWith("system-") === true)
            yield wrong("/metadata/name", "names that begin with system- are Kubernetes' own");
        if (typeof value === "number" && value > MOST_URGENT) yield wrong("/value", `must be at most ${MOST_URGENT}`);
    },
};
