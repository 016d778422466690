/** Parameters of the rules. The names, types and defaults are those of `PARAMETERS` in `schema.ts`. */
export interface Parameters {
    /** Registries that images may come from, as prefixes (`ghcr.io/acme`); empty allows all. */
    readonly registries: readonly string[];
    /** cert-manager issuers that an Ingress may name; empty leaves the annotation free. */
    readonly issuers: readonly string[];
    /** Fewest replicas of a Deployment, an autoscaler's minimum counted. */
    readonly minimumReplicas: number;
    /** Fewest replicas of a StatefulSet: 1, because a second database is not a matter of a number. */
    readonly statefulSetMinimumReplicas: number;
    /** Kubernetes version of the target cluster, as in `1.36`. */
    readonly kubernetesVersion: string;
    /** Lowest user and group id that is surely no account of the node. */
    readonly userIdFloor: number;
    /** Fewest bytes of memory or storage that a container can ask for, if any. */
    readonly leastBytes: number;
    /** Most CPU cores that a container can ask for. */
    readonly mostCores: number;
    /** Capabilities that a container may add. */
    readonly allowedCapabilities: readonly string[];
    /** Pod Security levels that a Namespace may enforce. */
    readonly podSecurityLevels: readonly string[];
    /** Labels that workloads and Services carry. */
    readonly requiredLabels: readonly string[];
    /** Annotations that workloads and Services carry. */
    readonly requiredAnnotations: readonly string[];
    /** Further labels and annotations of Secrets and ConfigMaps that a controller fills. */
    readonly controllerFilled: readonly string[];
    /** Types that a Service may have. */
    readonly serviceTypes: readonly string[];
    /** Ports that a Service may open on the nodes, first and last, as in `30000-32767`. */
    readonly nodePorts: string;
    /** Values of sslmode that connections to a PostgreSQL outside the cluster may have. */
    readonly databaseTlsModes: readonly string[];
    /** Most finished Jobs that a CronJob keeps. */
    readonly maximumJobHistory: number;
    /** Directory that relative chart paths of Releases start from; found by looking when empty. */
    readonly projectDirectory: string;
}
