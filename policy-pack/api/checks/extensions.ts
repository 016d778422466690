/** What the API server's code asks of what extends it: webhooks, admission policies, definitions of kinds. */
import { below, exactlyOne, isUnknown, list, text, tree, wrong, type Check } from "./parts.ts";

const webhook: Check = function* ({ admissionReviewVersions: versions }) {
    if (
        isUnknown(versions) ||
        list(versions).some((version) => isUnknown(version) || /^v1(beta1)?$/.test(String(version)))
    )
        return;
    yield wrong("/admissionReviewVersions", "must name v1 or v1beta1");
};

const ruleWithOperations: Check = function* (rule) {
    for (const field of ["apiGroups", "apiVersions", "operations"])
        if (list(rule[field]).includes("*") && list(rule[field]).length > 1) yield wrong(`/${field}`, "* stands alone");
    const resources = list(rule["resources"]).filter((resource) => typeof resource === "string");
    for (const [index, resource] of resources.entries()) {
        const [name = "", part] = resource.split("/");
        const others = resources.filter((other) => other !== resource);
        const isCovered =
            part === undefined
                ? name !== "*" && others.includes("*")
                : others.some((other) =>
                      [part === "*" ? "" : `${name}/*`, name === "*" ? "" : `*/${part}`].includes(other),
                  );
        if (isCovered) yield wrong(`/resources/${index}`, "another entry of the list stands for this one as well");
    }
};

const definition: Check = function* ({ metadata, spec }) {
    const [group, plural] = [below(spec, "group"), below(spec, "names", "plural")];
    const [name, versions] = [below(metadata, "name"), below(spec, "versions")];
    if (typeof name === "string" && typeof group === "string" && typeof plural === "string")
        if (name !== `${plural}.${group}`)
            yield wrong("/metadata/name", "must be spec.names.plural, a dot and spec.group");
    const stored = list(versions).filter((version) => tree(version)["storage"] === true);
    const isKnown =
        !isUnknown(versions) && !list(versions).some((it) => isUnknown(it) || isUnknown(tree(it)["storage"]));
    if (isKnown && stored.length !== 1) yield wrong("/spec/versions", "exactly one version must have storage: true");
};

export const EXTENSION_CHECKS: Readonly<Record<string, Check>> = {
    "admissionregistration.v1.ValidatingWebhook": webhook,
    "admissionregistration.v1.MutatingWebhook": webhook,
    "admissionregistration.v1.WebhookClientConfig": exactlyOne("a webhook", ["url", "service"]),
    "admissionregistration.v1.RuleWithOperations": ruleWithOperations,
    "admissionregistration.v1.NamedRuleWithOperations": ruleWithOperations,
    "admissionregistration.v1.ValidatingAdmissionPolicySpec": function* ({ validations, auditAnnotations }) {
        if ([validations, auditAnnotations].every((part) => !isUnknown(part) && list(part).length === 0))
            yield wrong("/validations", "a policy needs validations or auditAnnotations");
    },
    "apiextensions.v1.CustomResourceDefinition": definition,
    "apiextensions.v1.CustomResourceDefinitionNames": function* ({ kind }) {
        if (text(kind) !== undefined && !/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/i.test(text(kind) ?? ""))
            yield wrong("/kind", "must be a name of letters, digits and dashes");
    },
};
