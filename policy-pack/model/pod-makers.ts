import { namespaceOf } from "./object.ts";
import { podLabels } from "./pods.ts";
import { accessRules, allows, BINDING_KINDS } from "./rights.ts";
import type { Selector } from "./selectors.ts";
import type { Subject } from "./subject.ts";
import { UNKNOWN } from "./unknown.ts";
import type { World } from "./world.ts";

/** The cluster's own roles that may make pods. */
const OWN_ROLES = new Set(["cluster-admin", "admin", "edit"]);

/**
 * Whether a selector may be for pods that a controller of the stack makes or labels at run time, as Longhorn's manager
 * does, so that no manifest has them: the controller runs in this namespace and may make pods here, and no pod of the
 * stack here has a label of these names. With one of the names it is a misspelt value more likely.
 */
export function isMadeAtRunTime(world: World, namespace: string, { requirements }: Selector): boolean {
    const here = world.workloads().filter((workload) => workload.namespace === namespace);
    const names = new Set(requirements.map(({ key }) => key));
    const hasName = here.some(({ pod }) => {
        const labels = podLabels(pod);
        return labels !== UNKNOWN && [...(labels ?? [])].some(([name]) => names.has(name));
    });
    if (hasName) return false;
    const makers = makersIn(world, namespace);
    return here.some(({ pod }) => makers.has(pod.spec.at("serviceAccountName").string() ?? "default"));
}

/** Service accounts of a namespace that may make pods in it. */
function makersIn(world: World, namespace: string): ReadonlySet<unknown> {
    const bindings = BINDING_KINDS.flatMap((kind) => world.all(kind)).filter(
        ({ object }) => object.kind === "ClusterRoleBinding" || namespaceOf(object) === namespace,
    );
    return new Set(
        bindings.filter((binding) => givesPods(world, binding)).flatMap((binding) => accounts(binding, namespace)),
    );
}

function givesPods(world: World, { object, view }: Subject): boolean {
    const [kind, name] = [view.at("roleRef", "kind").string(), view.at("roleRef", "name").string()];
    if (typeof kind !== "string" || typeof name !== "string") return false;
    if (kind === "ClusterRole" && OWN_ROLES.has(name)) return true;
    const role = world.find(kind, kind === "Role" ? namespaceOf(object) : "default", name);
    return role !== undefined && accessRules(role.view).some((rule) => allows(rule, "", "pods", ["create"]));
}

function accounts({ object, view }: Subject, namespace: string): readonly unknown[] {
    return view
        .at("subjects")
        .items()
        .filter((subject) => subject.at("kind").string() === "ServiceAccount")
        .filter((subject) => (subject.at("namespace").string() ?? namespaceOf(object)) === namespace)
        .map((subject) => subject.at("name").string());
}
