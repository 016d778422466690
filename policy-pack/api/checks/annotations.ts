/** What the API server's code asks of the annotations of pods that it reads. */
import { below, isSet, isUnknown, list, pointer, tree, wrong, type Check } from "./parts.ts";

const APPARMOR = "container.apparmor.security.beta.kubernetes.io/";
const SECCOMP = "seccomp.security.alpha.kubernetes.io/pod";
const DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

/** The type of the field that says the same as a value of the annotation. */
function seccompType(value: string): string | undefined {
    if (value.startsWith("localhost/")) return "Localhost";
    if (value === "runtime/default" || value === "docker/default") return "RuntimeDefault";
    return value === "unconfined" ? "Unconfined" : undefined;
}

const annotated: Check = function* ({ metadata, spec }) {
    const lists = ["containers", "initContainers", "ephemeralContainers"].map((field) => below(spec, field));
    const containers = lists.flatMap(list).map((container) => below(container, "name"));
    for (const [name, value] of Object.entries(tree(below(metadata, "annotations")))) {
        if (typeof value !== "string") continue;
        const at = `/metadata/annotations/${pointer(name)}`;
        if (name.startsWith(APPARMOR)) {
            if (![...lists, ...containers].some(isUnknown) && !containers.includes(name.slice(APPARMOR.length)))
                yield wrong(at, "the pod has no container of this name");
            if (!/^(runtime\/default|unconfined|localhost\/.*)?$/s.test(value))
                yield wrong(at, "must be runtime/default, unconfined or localhost/ and a profile");
        }
        if (name === SECCOMP) {
            const type = below(spec, "securityContext", "seccompProfile", "type");
            if (seccompType(value) === undefined)
                yield wrong(at, "must be runtime/default, unconfined or localhost/ and a profile");
            else if (isSet(type) && !isUnknown(type) && type !== seccompType(value))
                yield wrong(at, "says another profile than securityContext.seccompProfile");
        }
        if (name === DELETION_COST && !(/^(0|-?[1-9]\d*)$/.test(value) && Math.abs(Number(value)) < 2 ** 31))
            yield wrong(at, "must be a whole number of 32 bits");
    }
};

export const ANNOTATION_CHECKS: Readonly<Record<string, Check>> = {
    "core.v1.Pod": annotated,
    "core.v1.PodTemplateSpec": annotated,
};
