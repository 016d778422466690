/** Schema of every web service: a Deployment behind a Service, an Ingress and an autoscaler. */
import { z } from "../zod.ts";
import * as format from "../formats.ts";
import { controllerNames } from "../controllers.ts";
import * as workload from "./workload.ts";

const ingressPath = z.strictObject({
    path: format.ingressPath.default("/").describe("Path of the requests"),
    pathType: z
        .enum(["Prefix", "Exact", "ImplementationSpecific"])
        .default("Prefix")
        .describe("How the path is matched"),
});

const ingress = z
    .strictObject({
        enabled: z.boolean().default(true).describe("Whether the service is reached from outside"),
        controller: z
            .enum(controllerNames)
            .default("nginx")
            .describe("Controller of the Ingress, whose annotations the program writes; none: it writes none"),
        className: format.dnsName.optional().describe("Ingress class; default: the controller's name"),
        maxBodySize: format.bodySize
            .optional()
            .describe("Largest body of a request, such as 10m (nginx); default: the controller's"),
        timeoutSeconds: z
            .int()
            .min(1)
            .max(86_400)
            .optional()
            .describe(
                "Longest wait in seconds: between two reads (nginx, alb), or for the whole answer (routes; event streams " +
                    "excepted); default: the proxy's",
            ),
        requestsPerSecond: z
            .int()
            .min(1)
            .max(100_000)
            .optional()
            .describe(
                "Requests per second of one client address, five times as many in a burst (nginx); default: no limit",
            ),
        rewriteTarget: format.rewriteTarget
            .optional()
            .describe(
                "Path that the service is asked for (nginx): the paths of the hosts are regular expressions, and $1 is the " +
                    "first group; default: the path of the request",
            ),
        hstsSeconds: z
            .int()
            .min(0)
            .max(63_072_000)
            .optional()
            .describe(
                "Seconds in which browsers use HTTPS alone, by the header Strict-Transport-Security (nginx, alb, routes); " +
                    "0 takes it back; default: the proxy's",
            ),
        annotations: workload.annotations.describe("Annotations of the Ingress; they win over the program's own"),
        hosts: z
            .array(
                z.strictObject({
                    host: format.host.describe("Host name of the requests"),
                    paths: z
                        .array(ingressPath)
                        .min(1)
                        .default([{ path: "/", pathType: "Prefix" }])
                        .describe("Paths that the service serves"),
                }),
            )
            .default([])
            .describe("Hosts and their paths"),
        tls: z
            .array(
                z.strictObject({
                    secretName: format.dnsName.describe("Secret of the certificate; cert-manager creates it"),
                    hosts: z.array(format.host).min(1).describe("Hosts that the certificate covers"),
                }),
            )
            .default([])
            .describe("Certificates: Secret and hosts; every host of the Ingress must be covered"),
        skipAwait: z
            .boolean()
            .default(false)
            .describe("Do not wait for a load balancer's address (for controllers that publish none)"),
    })
    .prefault({})
    .describe("How the service is reached from outside: its Ingress, or its routes (exposure)");

const policy = z.strictObject({
    type: z.enum(["Pods", "Percent"]).describe("Unit of value"),
    value: z.int().min(1).describe("Maximum number of pods to add or remove in a period"),
    periodSeconds: z.int().min(1).max(1800).describe("Length of a period, in seconds"),
});

function scaling(windowSeconds: number, percent: number) {
    return z
        .strictObject({
            stabilizationWindowSeconds: z
                .int()
                .min(0)
                .max(3600)
                .default(windowSeconds)
                .describe("Stabilization window, in seconds"),
            policies: z
                .array(policy)
                .min(1)
                .default([{ type: "Percent", value: percent, periodSeconds: 60 }])
                .describe("Limits of the change; the one that allows the largest change applies"),
        })
        .prefault({});
}

function autoscaling(enabled: boolean) {
    return z
        .strictObject({
            enabled: z.boolean().default(enabled).describe("Whether to create the HorizontalPodAutoscaler"),
            minReplicas: z.int().min(1).max(1000).default(2).describe("Minimum number of pods"),
            maxReplicas: z.int().min(1).max(1000).default(10).describe("Maximum number of pods"),
            targetCPUUtilization: z
                .int()
                .min(1)
                .max(1000)
                .default(70)
                .describe("Target CPU usage, in percent of the request"),
            targetMemoryUtilization: z
                .int()
                .min(1)
                .max(1000)
                .default(80)
                .describe("Target memory usage, in percent of the request"),
            behavior: z
                .strictObject({
                    scaleUp: scaling(60, 50).describe("How fast pods are added"),
                    scaleDown: scaling(300, 10).describe("How fast pods are removed"),
                })
                .prefault({})
                .describe("How fast the number of pods may change"),
        })
        .prefault({})
        .describe("HorizontalPodAutoscaler");
}

/** Keys of every web service, for its schema. `autoscaled`: whether the autoscaler is on unless a stack switches it off. */
export function webService(defaults: {
    repository: string;
    port: number;
    uid: number;
    requests: [string, string];
    limits: [string, string];
    liveness: ReturnType<typeof workload.probe>;
    readiness: ReturnType<typeof workload.probe>;
    autoscaled: boolean;
}) {
    return {
        enabled: z.boolean().default(true).describe("Whether to deploy the service"),
        paused: workload.paused,
        replicaCount: z.int().min(1).max(1000).default(2).describe("Number of pods without an autoscaler"),
        image: workload.image(defaults.repository),
        containerPort: format.port.default(defaults.port).describe("Port that the process listens on"),
        runAsUser: workload.runAsUser(defaults.uid),
        env: workload.environment,
        service: z
            .strictObject({
                type: z.enum(["ClusterIP", "LoadBalancer"]).default("ClusterIP").describe("Type of the Service"),
                port: format.port.default(defaults.port).describe("Port of the Service"),
                annotations: workload.annotations.describe("Annotations of the Service (a cloud's load balancer)"),
                sourceRanges: format
                    .networks()
                    .default([])
                    .describe("Address ranges that a LoadBalancer takes connections from; default: all"),
            })
            .prefault({})
            .describe("Service"),
        ingress,
        livenessProbe: defaults.liveness.describe("Restarts the container when it fails"),
        readinessProbe: defaults.readiness.describe("Removes the pod from the Service when it fails"),
        resources: workload.resources({ requests: defaults.requests, limits: defaults.limits }),
        networkPolicy: workload.networkPolicy,
        podAnnotations: workload.annotations.describe("Annotations of the pods"),
        preStopSleepSeconds: z
            .int()
            .min(0)
            .max(300)
            .default(5)
            .describe("Seconds between leaving the Service and SIGTERM, so that no request meets a closed port"),
        terminationGracePeriodSeconds: z
            .int()
            .min(1)
            .max(3600)
            .default(60)
            .describe("Seconds to terminate: that sleep, and finishing requests after SIGTERM"),
        progressDeadlineSeconds: z
            .int()
            .min(1)
            .max(3600)
            .default(600)
            .describe("Seconds in which a rollout must make progress; otherwise `up` fails, and the old pods stay"),
        ...workload.pods,
        autoscaling: autoscaling(defaults.autoscaled),
    };
}

/** Settings that every web service has. */
export type WebServiceConfig = z.infer<z.ZodObject<ReturnType<typeof webService>>>;
