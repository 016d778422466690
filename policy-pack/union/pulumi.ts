import type { Scanner } from "./scanner.ts";

/** The rules of Pulumi, and what has them here. */
export const pulumi: Scanner = {
    name: "Pulumi",
    source: "https://github.com/pulumi/compliance-policies",
    rules: {
        configureMinimumReplicaCount: ["replicas"],
        configureRecommendedLabels: ["labels"],
        disallowAlphaResource: ["unstable-api"],
        disallowBetaResource: ["unstable-api", "removed-api"],
        disallowLoadBalancer: ["service-type"],
        disallowPod: ["bare-pod"],
        disallowZeroVoluntaryDisruption: ["disruption-budget-deadlock"],
        enableReadOnlyRootFilesystem: ["read-only-root"],
        "minimum-replica-count": ["replicas"],
        "no-public-services": ["service-type"],
        "pods-are-prohibited": ["bare-pod"],
    },
};
