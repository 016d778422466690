/** The objects behind HTTPS on the local cluster: Traefik as ingress controller, cert-manager, an authority. Pure. */
import { httpsImages } from "../images/catalogue.ts";

/** An object as the API takes it. */
interface KubernetesObject {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace?: string; readonly [key: string]: unknown };
    readonly [key: string]: unknown;
}

/** Namespace and name of Traefik's Deployment and Service. The namespace is the one of a real ingress controller. */
export const controller = { namespace: "ingress-nginx", name: "traefik" } as const;
export const certManager = { namespace: "cert-manager", name: "cert-manager" } as const;

/** Name of the ClusterIssuer, of the authority's Certificate and of its Secret. */
export const issuer = "local-ca";

/** GatewayClass of the same Traefik. */
export const gatewayClass = "traefik";

/** A listener of a Gateway finds its entry point by the port, an Ingress of Traefik by the name: that of Traefik's chart. */
const ports = { web: 80, websecure: 443, ping: 8082 } as const;

/** The address of Traefik's Service: the kubelet tells it to pods that start when the Service is there. */
const ownAddress = `$(${controller.name.toUpperCase()}_SERVICE_HOST)`;

const gatewayApi = "gateway.networking.k8s.io";
const readVerbs = ["get", "list", "watch"];

/** The two programs, and what they may do. */
export const programs: readonly KubernetesObject[] = [
    ...[controller.namespace, certManager.namespace].map(restrictedNamespace),
    {
        apiVersion: "v1",
        kind: "Service",
        metadata: controller,
        spec: {
            selector: { app: controller.name },
            ports: [
                { name: "http", port: 80, targetPort: ports.web },
                { name: "https", port: 443, targetPort: ports.websecure },
            ],
        },
    },
    ...program(
        controller,
        httpsImages.traefik,
        [
            ...Object.entries(ports).map(([name, port]) => `--entryPoints.${name}.address=:${port}`),
            "--ping.entryPoint=ping",
            "--providers.kubernetesIngressNGINX.httpEntryPoint=web",
            "--providers.kubernetesIngressNGINX.httpsEntryPoint=websecure",
            // As ingress-nginx does by default; without it, the limit of a body's size means nothing.
            "--providers.kubernetesIngressNGINX.proxyRequestBuffering=true",
            // ingress-nginx: global-allowed-response-headers.
            "--providers.kubernetesIngressNGINX.globalAllowedResponseHeaders=Strict-Transport-Security",
            // Pulumi waits for an address in an Ingress's status.
            `--providers.kubernetesIngressNGINX.publishService=${controller.namespace}/${controller.name}`,
            // For classes of the controller traefik.io/ingress-controller.
            "--providers.kubernetesIngress=true",
            `--providers.kubernetesIngress.ingressEndpoint.ip=${ownAddress}`,
            "--providers.kubernetesGateway=true",
            `--providers.kubernetesGateway.statusAddress.ip=${ownAddress}`,
            "--global.checkNewVersion=false",
            "--global.sendAnonymousUsage=false",
        ],
        [
            {
                apiGroups: [""],
                resources: ["services", "secrets", "configmaps", "namespaces", "nodes"],
                verbs: ["get", "list", "watch"],
            },
            { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"] },
            {
                apiGroups: ["networking.k8s.io"],
                resources: ["ingresses", "ingressclasses"],
                verbs: ["get", "list", "watch"],
            },
            { apiGroups: ["networking.k8s.io"], resources: ["ingresses/status"], verbs: ["update"] },
            { apiGroups: [gatewayApi], resources: ["*"], verbs: readVerbs },
            {
                apiGroups: [gatewayApi],
                resources: ["gatewayclasses", "gateways", "httproutes", "grpcroutes", "tlsroutes"].map(
                    (name) => `${name}/status`,
                ),
                verbs: ["update"],
            },
        ],
        { httpGet: { path: "/ping", port: ports.ping }, periodSeconds: 1 },
    ),
    {
        apiVersion: "networking.k8s.io/v1",
        kind: "IngressClass",
        metadata: { name: "nginx" },
        spec: { controller: "k8s.io/ingress-nginx" },
    },
    {
        apiVersion: `${gatewayApi}/v1`,
        kind: "GatewayClass",
        metadata: { name: gatewayClass },
        spec: { controllerName: "traefik.io/gateway-controller" },
    },
    ...program(
        certManager,
        httpsImages.certManager,
        [
            `--cluster-resource-namespace=${certManager.namespace}`,
            `--acme-http01-solver-image=${httpsImages.acmeSolver}`,
            "--enable-gateway-api",
        ],
        [
            { apiGroups: ["cert-manager.io", "acme.cert-manager.io"], resources: ["*"], verbs: ["*"] },
            {
                apiGroups: [""],
                resources: ["secrets"],
                verbs: ["get", "list", "watch", "create", "update", "patch", "delete"],
            },
            {
                apiGroups: [""],
                resources: ["pods", "services"],
                verbs: ["get", "list", "watch", "create", "delete"],
            },
            { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
            {
                apiGroups: ["networking.k8s.io"],
                resources: ["ingresses", "ingresses/finalizers"],
                verbs: ["get", "list", "watch", "create", "update", "delete"],
            },
            { apiGroups: [gatewayApi], resources: ["gateways", "listenersets"], verbs: readVerbs },
            { apiGroups: [gatewayApi], resources: ["gateways/finalizers"], verbs: ["update"] },
            {
                apiGroups: [gatewayApi],
                resources: ["httproutes"],
                verbs: [...readVerbs, "create", "update", "delete"],
            },
        ],
    ),
];

/** An authority that signs itself, and the issuer that signs with it. They need cert-manager's resource definitions. */
export const authority: readonly KubernetesObject[] = [
    clusterIssuer("self-signed", { selfSigned: {} }),
    {
        apiVersion: "cert-manager.io/v1",
        kind: "Certificate",
        metadata: { name: issuer, namespace: certManager.namespace },
        spec: {
            isCA: true,
            commonName: "TradeStream local cluster",
            secretName: issuer,
            // Ten years: who trusts it does so until the cluster's data is deleted.
            duration: "87600h",
            privateKey: { algorithm: "ECDSA" },
            issuerRef: { kind: "ClusterIssuer", name: "self-signed" },
        },
    },
    clusterIssuer(issuer, { ca: { secretName: issuer } }),
];

function clusterIssuer(name: string, spec: object): KubernetesObject {
    return { apiVersion: "cert-manager.io/v1", kind: "ClusterIssuer", metadata: { name }, spec };
}

function restrictedNamespace(name: string): KubernetesObject {
    const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
    return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

/** A Deployment of one pod, with an account that may do what `rules` say in all namespaces. */
function program(
    metadata: { readonly namespace: string; readonly name: string },
    image: string,
    args: readonly string[],
    rules: readonly object[],
    readinessProbe?: object,
): KubernetesObject[] {
    const { namespace, name } = metadata;
    const labels = { app: name };
    const roleName = `tradestream-local:${name}`;
    const rbac = "rbac.authorization.k8s.io";
    return [
        { apiVersion: "v1", kind: "ServiceAccount", metadata },
        { apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name: roleName }, rules },
        {
            apiVersion: `${rbac}/v1`,
            kind: "ClusterRoleBinding",
            metadata: { name: roleName },
            roleRef: { apiGroup: rbac, kind: "ClusterRole", name: roleName },
            subjects: [{ kind: "ServiceAccount", namespace, name }],
        },
        {
            apiVersion: "apps/v1",
            kind: "Deployment",
            metadata,
            spec: {
                selector: { matchLabels: labels },
                // cert-manager runs without the election of a leader.
                strategy: { type: "Recreate" },
                template: {
                    metadata: { labels },
                    spec: {
                        serviceAccountName: name,
                        securityContext: {
                            runAsNonRoot: true,
                            seccompProfile: { type: "RuntimeDefault" },
                            sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "80" }],
                        },
                        volumes: [{ name: "temporary", emptyDir: { sizeLimit: "256Mi" } }],
                        containers: [
                            {
                                name,
                                image,
                                imagePullPolicy: "IfNotPresent",
                                args,
                                ...(readinessProbe && { readinessProbe }),
                                // Traefik keeps bodies there that are too large for its memory.
                                volumeMounts: [{ name: "temporary", mountPath: "/tmp" }],
                                resources: {
                                    requests: { cpu: "25m", memory: "64Mi" },
                                    limits: { memory: "256Mi" },
                                },
                                securityContext: {
                                    allowPrivilegeEscalation: false,
                                    readOnlyRootFilesystem: true,
                                    capabilities: { drop: ["ALL"] },
                                },
                            },
                        ],
                    },
                },
            },
        },
    ];
}
