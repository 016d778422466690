/** What the API server knows of kinds, as far as a rendering without one needs it. */

const clusterScoped =
    /^(Namespace|Node|PersistentVolume|ClusterRole|ClusterRoleBinding|CustomResourceDefinition|StorageClass|IngressClass|PriorityClass|RuntimeClass|APIService|(Mutating|Validating)(WebhookConfiguration|AdmissionPolicy|AdmissionPolicyBinding)|CSIDriver|Cluster(Issuer|SecretStore|ExternalSecret)|GatewayClass)$/;

/** Whether objects of a kind live in a namespace. Custom resources that are not widely used are taken for namespaced. */
export function isNamespaced(kind: unknown): boolean {
    return !clusterScoped.test(String(kind));
}

/** The resource of a kind in the API's paths, by the rules that the kinds of Kubernetes follow. */
export function pluralOf(kind: string): string {
    const name = kind.toLowerCase();
    if (name === "endpoints") return name;
    if (/(s|x|ch)$/.test(name)) return `${name}es`;
    return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`;
}
