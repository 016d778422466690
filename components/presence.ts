import * as kubernetes from "@pulumi/kubernetes";

/** A custom resource or its definition; the id is its name, after its namespace where it has one. */
export interface ExpectedObject {
    readonly apiVersion: string;
    readonly kind: string;
    readonly id: string;
}

/** The API of an operator, by the name of one of its CustomResourceDefinitions. */
export function definition(id: string): ExpectedObject {
    return { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", id };
}

/**
 * Reads an object that others rely on, in previews too: a preview takes an object of a kind that the cluster does not know for
 * one to create. Where it is missing, or its kind, the run ends before anything changes.
 */
export async function expectObject(
    { apiVersion, kind, id }: ExpectedObject,
    provider: kubernetes.Provider,
): Promise<void> {
    const args = { apiVersion, kind, id, provider };
    const found = kubernetes.apiextensions.CustomResource.get(`expected-${kind}-${id}`, args);
    // A run with a failed read ends here: nothing that follows is registered.
    await new Promise((resolve) => found.urn.apply(resolve));
}
