import { parseAllDocuments } from "yaml";

import { check, type Report } from "../../policy-pack/check.ts";
import { fromManifests } from "../../policy-pack/model/object.ts";
import { parsePath } from "../../policy-pack/model/text.ts";
import { parseSettings } from "../../policy-pack/settings.ts";

/** A plain object of a manifest, free to be broken by a test. */
export type Body = Record<string, unknown>;

/** The day on which the tests of the policy pack take place. */
export const TODAY = "2026-11-21";

const SECURE_POD = `
      serviceAccountName: NAME
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        runAsGroup: 10001
        fsGroup: 10001
        seccompProfile: { type: RuntimeDefault }`;

const SECURE_CONTAINER = `
          imagePullPolicy: IfNotPresent
          resources:
            requests: { cpu: 100m, memory: 128Mi, ephemeral-storage: 64Mi }
            limits: { cpu: "1", memory: 256Mi, ephemeral-storage: 128Mi }
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: { drop: [ALL] }`;

const PROBES = `
          livenessProbe: { httpGet: { path: /health, port: http }, periodSeconds: 10 }
          readinessProbe: { httpGet: { path: /ready, port: http }, periodSeconds: 5 }`;

const LABELS = `{ app.kubernetes.io/name: shop, app.kubernetes.io/instance: shop, app.kubernetes.io/component: NAME }`;
const DNS = `
    - to: [{ namespaceSelector: {}, podSelector: { matchLabels: { k8s-app: kube-dns } } }]
      ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]`;

/** The account of a workload, and who may talk with it. */
function around(ingress: string): string {
    return `---
apiVersion: v1
kind: ServiceAccount
metadata: { name: NAME, namespace: shop, labels: ${LABELS} }
automountServiceAccountToken: false
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: NAME, namespace: shop }
spec:
  podSelector: { matchLabels: ${LABELS} }
  policyTypes: [Ingress, Egress]
${ingress}  egress:
    - to: [{ podSelector: { matchLabels: { app.kubernetes.io/component: database } } }]
      ports: [{ protocol: TCP, port: 8000 }]${DNS}
`;
}

const INGRESS = `  ingress:
    - from: [{ podSelector: { matchLabels: { app.kubernetes.io/component: api } } }]
      ports: [{ protocol: TCP, port: 8000 }]
`;

function workload(kind: string, name: string, extra: string, pod: string): string {
    return `
apiVersion: apps/v1
kind: ${kind}
metadata: { name: ${name}, namespace: shop, labels: ${LABELS} }
spec:${extra}
  selector: { matchLabels: ${LABELS} }
  template:
    metadata: { labels: ${LABELS} }
    spec:${SECURE_POD}${pod}
      containers:
        - name: main
          image: ghcr.io/acme/${name}:v1.2.3
          ports: [{ name: http, containerPort: 8000 }]${PROBES}${SECURE_CONTAINER}
          env:
            - { name: MODE, value: quiet }
            - { name: TOKEN, valueFrom: { secretKeyRef: { name: keys, key: token } } }
          volumeMounts: [{ name: tmp, mountPath: /tmp }]
      initContainers:
        - name: wait
          image: ghcr.io/acme/wait:v1${SECURE_CONTAINER}
      volumes: [{ name: tmp, emptyDir: { sizeLimit: 64Mi } }]
${around(INGRESS)}`.replaceAll("NAME", name);
}

const SPREAD = `
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector: { matchLabels: ${LABELS} }`;

function job(kind: "Job" | "CronJob", name: string): string {
    const spec = `
  backoffLimit: 2
  activeDeadlineSeconds: 240
  template:
    metadata: { labels: ${LABELS} }
    spec:${SECURE_POD}
      restartPolicy: OnFailure
      containers:
        - name: main
          image: ghcr.io/acme/${name}:v1.2.3${SECURE_CONTAINER}`;
    const cron = `
  schedule: "*/5 * * * *"
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 60
  successfulJobsHistoryLimit: 3
  failedJobsHistoryLimit: 3
  jobTemplate:
    spec:${spec.replaceAll("\n  ", "\n      ")}`;
    return `
apiVersion: batch/v1
kind: ${kind}
metadata: { name: ${name}, namespace: shop, labels: ${LABELS} }
spec:${kind === "CronJob" ? cron : spec}
${around("")}`.replaceAll("NAME", name);
}

const REST = `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { pod-security.kubernetes.io/enforce: restricted } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny, namespace: shop }
spec: { podSelector: {}, policyTypes: [Ingress, Egress] }
---
apiVersion: v1
kind: Secret
metadata: { name: keys, namespace: shop }
stringData: { token: not-for-anybody }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: shop }
data: { mode: quiet, token_ttl_minutes: "15", config.ini: "[main]\\nverbose = true" }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: api, namespace: shop }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: api }
  minReplicas: 2
  maxReplicas: 10
  metrics:
    - { type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 70 } } }
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: api, namespace: shop }
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector: { matchLabels: ${LABELS.replaceAll("NAME", "api")} }
---
apiVersion: v1
kind: Service
metadata: { name: api, namespace: shop, labels: ${LABELS.replaceAll("NAME", "api")} }
spec:
  type: ClusterIP
  selector: ${LABELS.replaceAll("NAME", "api")}
  ports: [{ name: http, port: 80, targetPort: http }]
---
apiVersion: v1
kind: Service
metadata: { name: database, namespace: shop, labels: ${LABELS.replaceAll("NAME", "database")} }
spec:
  clusterIP: None
  selector: ${LABELS.replaceAll("NAME", "database")}
  ports: [{ name: http, port: 8000, targetPort: 8000 }]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: api
  namespace: shop
  labels: ${LABELS.replaceAll("NAME", "api")}
  annotations:
    cert-manager.io/cluster-issuer: letsencrypt-prod
    nginx.ingress.kubernetes.io/ssl-redirect: "true"
spec:
  ingressClassName: nginx
  tls: [{ hosts: [api.shop.example], secretName: api-tls }]
  rules:
    - host: api.shop.example
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: api, port: { number: 80 } } } }] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: reader, namespace: shop }
rules: [{ apiGroups: [""], resources: [configmaps], verbs: [get], resourceNames: [settings] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: reader, namespace: shop }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
subjects: [{ kind: ServiceAccount, name: api, namespace: shop }]
`;

const CLAIMS = `
  serviceName: database
  replicas: 1
  volumeClaimTemplates:
    - metadata: { name: data }
      spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }`;

const TEXT = [
    REST,
    workload("Deployment", "api", "", SPREAD.replaceAll("NAME", "api")),
    workload("StatefulSet", "database", CLAIMS, ""),
    workload("DaemonSet", "agent", "", ""),
    job("CronJob", "worker"),
    job("Job", "migration"),
].join("---\n");

const GOOD: readonly Body[] = parseAllDocuments(TEXT).map((document) => document.toJS() as Body);

/** A small stack with one object of each kind, which no rule has anything to say against. A new copy each time. */
export function goodStack(): Body[] {
    return structuredClone(GOOD) as Body[];
}

/** Finds an object of a stack. */
export function pick(stack: readonly Body[], kind: string, name?: string): Body {
    const found = stack.find(
        (body) => body["kind"] === kind && (name === undefined || at(body, "metadata", "name") === name),
    );
    if (found === undefined) throw new Error(`the stack has no ${kind} ${name ?? ""}`);
    return found;
}

/** The value at a path. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
    let here = value;
    for (const key of path) here = (here as Record<string | number, unknown> | undefined)?.[key];
    return here;
}

/** Sets the value at a path, or removes it when the value is undefined; makes what is missing on the way. */
export function set(body: unknown, path: readonly (string | number)[], value: unknown): void {
    let here = body as Record<string | number, unknown>;
    path.slice(0, -1).forEach((key, index) => {
        here[key] ??= typeof path[index + 1] === "number" ? [] : {};
        here = here[key] as Record<string | number, unknown>;
    });
    const last = path.at(-1) ?? "";
    if (value === undefined && Array.isArray(here)) here.splice(Number(last), 1);
    else if (value === undefined) delete here[last];
    else here[last] = value;
}

/** Checks plain objects with a configuration; the presets' strictest by default. */
export function reportOn(stack: readonly unknown[], config: unknown = { preset: "strict" }): Report {
    return check(fromManifests(stack), parseSettings(config, TODAY));
}

export { parsePath };
