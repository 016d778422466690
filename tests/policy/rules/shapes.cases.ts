/** Fields of a form that the API server refuses. Each has been shown to a real one (tests/cluster/verdicts.test.ts). */
import { breaks, keeps, type Break, type Changes, type RuleCases } from "./cases.ts";

const LABEL_VALUE =
    "must be a label's value: at most 63 letters, digits, dashes, dots and underscores, with a letter or digit at both ends";
const LABEL_KEY =
    "the name must be a label's name: letters, digits, dashes, dots and underscores, at most 63, perhaps after a domain and a slash";
const AMOUNT = "must be a quantity such as 100m, 2, 512Mi or 1Gi, not below 0";
const PORT =
    "must be a number from 1 to 65535 (without quotes), or the name of a port: at most 15 lower-case letters, digits and dashes";
const CIDR = "must be a range of addresses such as 10.0.0.0/8";
const IP = "must be an IP address (of IPv4 not in the form of IPv6)";
const SOURCE_RANGES = 'metadata.annotations["service.beta.kubernetes.io/load-balancer-source-ranges"]';
const RELATIVE = "must be a relative path without ..";
const SHARE = "must be a whole number, or a percentage of at most 100%";

/** One field, its wrong values and its right ones. */
function field(
    on: string,
    at: string,
    wrong: readonly (readonly [value: unknown, says: string])[],
    right: readonly unknown[],
): { on: string; breaks: Break[]; keeps: Changes[] } {
    return {
        on,
        breaks: wrong.map(([value, says]) => breaks({ [at]: value }, at, says)),
        keeps: right.map((value) => keeps({ [at]: value })),
    };
}

const FIELDS = [
    field(
        "Deployment",
        "pod:containers",
        [
            ["none", "must be a list, not text (in quotes?)"],
            [[], "must not be empty"],
            [undefined, "this is required"],
            [null, "this is required"],
        ],
        [],
    ),
    field(
        "Deployment",
        "pod:hostNetwork",
        [["true", "must be true or false, not text (in quotes?)"]],
        [true, false, null],
    ),
    field("Deployment", "pod:hostnetwork", [[true, "there is no such field; did you mean hostNetwork?"]], []),
    field("Deployment", "pod:containers[0].args", [], [null, []]),
    field(
        "Deployment",
        "spec.replicas",
        [
            ["2", "must be a whole number, not text (in quotes?)"],
            [3.5, "must be a whole number, not a number"],
            [-1, "must be at least 0"],
            [2 ** 31, "must be at most 2147483647"],
        ],
        [0, 2],
    ),
    field(
        "Deployment",
        "spec.strategy.type",
        [["Rolling", "must be one of Recreate and RollingUpdate"]],
        ["Recreate", "RollingUpdate"],
    ),
    field(
        "Deployment",
        "metadata.labels.tier",
        [
            [1, "must be text, not a number"],
            ["not valid", LABEL_VALUE],
            ["x".repeat(64), LABEL_VALUE],
        ],
        ["", "v1.2_3-x"],
    ),
    field("Secret", 'metadata.labels["-tier"]', [["x", LABEL_KEY]], []),
    field("Service", 'metadata.labels["Acme/tier"]', [["x", LABEL_KEY]], []),
    field("CronJob", 'metadata.labels["acme.example/tier"]', [], ["v1"]),
    field(
        "Deployment",
        "pod:containers[0].ports[0].containerPort",
        [
            ["8000", "must be a whole number, not text (in quotes?)"],
            [70000, "must be at most 65535"],
            [0, "must be at least 1"],
        ],
        [8000],
    ),
    field(
        "Deployment",
        "pod:containers[0].livenessProbe.httpGet.port",
        [
            ["8000", PORT],
            [70000, PORT],
            ["no_name", PORT],
        ],
        [8000, "http"],
    ),
    field(
        "Deployment",
        "pod:containers[0].resources.requests.cpu",
        [
            ["half", AMOUNT],
            ["-1", AMOUNT],
            [-1, AMOUNT],
        ],
        ["100m", 1, "1e3"],
    ),
    field(
        "PodDisruptionBudget",
        "spec.maxUnavailable",
        [
            ["1", SHARE],
            ["150%", SHARE],
            [-1, SHARE],
        ],
        [1, "50%"],
    ),
    field(
        "NetworkPolicy",
        "spec.egress[0].to[1].ipBlock.cidr",
        [
            ["10.1.2.3/8", CIDR],
            ["10.0.0.0/08", CIDR],
            ["::1/64", CIDR],
            ["any", CIDR],
            ["::ffff:10.0.0.0/104", CIDR],
            ["0:0:0:0:0:FFFF:a00:0/104", CIDR],
        ],
        ["10.0.0.0/8", "2001:db8::/32", "0.0.0.0/0"],
    ),
    field(
        "Service",
        "spec.externalIPs[0]",
        [
            ["::ffff:203.0.113.1", IP],
            ...["127.0.0.2", "::1", "169.254.1.1", "fe80::1", "0.0.0.0"].map(
                (address) => [address, "must be no loopback, link-local or unspecified address"] as const,
            ),
        ],
        ["203.0.113.1", "2001:DB8:0::1"],
    ),
    field("Service", "spec.clusterIPs[0]", [["10.96.0.77", "must be the address of clusterIP"]], []),
    {
        on: "Service",
        breaks: [
            breaks({ "spec.ipFamilies": ["IPv4", "IPv4"] }, "spec.ipFamilies[1]", "this is in the list twice"),
            breaks(
                { "spec.clusterIP": "10.96.0.77", "spec.clusterIPs": ["10.96.0.77", "10.96.0.78"] },
                "spec.clusterIPs[1]",
                "must be one address of each family at most",
            ),
            ...["10.1.2.3/8", "10.0.0.0/8,any", "10.0.0.0/8 192.168.0.0/16"].map((ranges) =>
                breaks(
                    { "spec.type": "LoadBalancer", [SOURCE_RANGES]: ranges },
                    SOURCE_RANGES,
                    "must be ranges of addresses such as 10.0.0.0/8, with commas between",
                ),
            ),
            breaks(
                {
                    "spec.type": "NodePort",
                    "spec.ports": [
                        { name: "a", port: 80, nodePort: 30080 },
                        { name: "b", port: 81, nodePort: 30080 },
                    ],
                },
                "spec.ports[1].nodePort",
                "the Service has two ports with this one",
            ),
        ],
        keeps: [
            keeps({ "spec.type": "LoadBalancer", [SOURCE_RANGES]: "10.0.0.0/8, 192.168.0.0/16" }),
            keeps({
                "spec.type": "NodePort",
                "spec.ports": [
                    { name: "a", port: 53, nodePort: 30053 },
                    { name: "b", port: 53, nodePort: 30053, protocol: "UDP" },
                ],
            }),
        ],
    },
    field("Deployment", "pod:tolerations[0].operator", [["Lt", "must be one of Exists and Equal"]], []),
    field(
        "Service",
        "spec.trafficDistribution",
        [["Near", "must be one of PreferClose, PreferSameZone, PreferSameNode"]],
        ["PreferClose", "PreferSameNode"],
    ),
    field("Service", SOURCE_RANGES, [["10.0.0.0/8", "it is for the type LoadBalancer only"]], []),
    field(
        "Deployment",
        "pod:tolerations[0]",
        [],
        [
            { key: "a", operator: "Exists" },
            { key: "a", operator: "Equal", value: "1" },
        ],
    ),
    ...["containers", "initContainers"].map((list) =>
        field(
            "Deployment",
            `pod:${list}[0].restartPolicy`,
            [["Sometimes", "must be one of Always, OnFailure, Never"]],
            ["Always", "OnFailure", "Never"],
        ),
    ),
    {
        on: "Deployment",
        breaks: [
            breaks(
                { "pod:containers[0].restartPolicy": "Always" },
                "pod:containers[0].restartPolicy",
                "it is for init containers only",
                { config: { parameters: { kubernetesVersion: "1.33" } } },
            ),
            breaks(
                { "pod:initContainers[0].restartPolicy": "Never" },
                "pod:initContainers[0].restartPolicy",
                "must be one of Always",
                { config: { parameters: { kubernetesVersion: "1.33" } } },
            ),
        ],
        keeps: [],
    },
    ...["livenessProbe", "readinessProbe", "startupProbe"].map((probe) => ({
        on: "Deployment",
        breaks: [
            breaks(
                { [`pod:initContainers[0].${probe}`]: { tcpSocket: { port: 80 } } },
                `pod:initContainers[0].${probe}`,
                "an init container has this only with restartPolicy: Always",
            ),
        ],
        keeps: [
            keeps({
                [`pod:initContainers[0].${probe}`]: { tcpSocket: { port: 80 } },
                "pod:initContainers[0].restartPolicy": "Always",
            }),
        ],
    })),
    field(
        "Deployment",
        "pod:containers[0].volumeMounts[0].subPathExpr",
        [
            ["/a", RELATIVE],
            ["../a", RELATIVE],
        ],
        ["$(POD_NAME)/a"],
    ),
    field(
        "Deployment",
        "pod:containers[0].volumeMounts[0].recursiveReadOnly",
        [["../a", "must be Disabled, Enabled or IfPossible"]],
        ["Disabled"],
    ),
    field("Deployment", "pod:securityContext.sysctls[0].name", [["x".repeat(254), "must be the name of a sysctl"]], []),
    {
        on: "Secret/keys",
        breaks: [
            breaks(
                { type: "kubernetes.io/service-account-token" },
                'metadata.annotations["kubernetes.io/service-account.name"]',
                "the type of this Secret needs it",
            ),
        ],
        keeps: [
            keeps({
                type: "kubernetes.io/service-account-token",
                'metadata.annotations["kubernetes.io/service-account.name"]': "api",
            }),
        ],
    },
    field("Deployment", "pod:os.name", [["Windows", "must be linux or windows"]], ["linux"]),
    field("Deployment", "pod:hostAliases", [], [[{ ip: "::fffe:0:1", hostnames: ["a"] }]]),
    field(
        "CronJob",
        "spec.timeZone",
        [
            [
                "europe/berlin",
                "must be a time zone of the IANA database with exact upper and lower case, such as Europe/Berlin",
            ],
            [
                "Local",
                "must be a time zone of the IANA database with exact upper and lower case, such as Europe/Berlin",
            ],
        ],
        ["Europe/Berlin", "Etc/UTC", "US/Eastern"],
    ),
    field(
        "Job",
        "spec.template.metadata.labels.controller-uid",
        [["b3e1a6a0-0000-4000-8000-000000000000", "the API server sets this label itself"]],
        [],
    ),
    field(
        "Job",
        'spec.template.metadata.labels["batch.kubernetes.io/job-name"]',
        [["other", "the API server sets this label itself"]],
        [],
    ),
    field(
        "Job",
        "metadata.name",
        [["a".repeat(64), "must have at most 63 characters, as it becomes a label of the pods"]],
        [],
    ),
    field(
        "Ingress",
        "spec.rules[0].http.paths[0].pathType",
        [
            ["prefix", "must be one of Exact, ImplementationSpecific and Prefix"],
            [undefined, "this is required"],
        ],
        ["Exact"],
    ),
    field(
        "Service",
        "metadata.name",
        [
            [
                "Api",
                "must be a Service's name: at most 63 lower-case letters, digits and dashes, with a letter or digit at both ends",
            ],
        ],
        [],
    ),
];

export const SHAPES: readonly RuleCases[] = FIELDS.map(({ on, breaks, keeps }) => ({
    rule: "object-shape",
    on: [on],
    breaks,
    keeps,
}));
