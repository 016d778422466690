/**
 * Public charts with their default values, reduced in our own words to what a rule looks at. Each mandatory finding of the
 * preset recommended is explained here: nothing more is found, and nothing less.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";

import { check } from "../../policy-pack/check.ts";
import { readManifests } from "../../policy-pack/manifests.ts";
import { parseSettings } from "../../policy-pack/settings.ts";
import { TODAY } from "./stack.ts";

const directory = path.join(import.meta.dirname, "charts");

/** What charts leave to whoever installs them: the field is absent, and a value of the chart sets it. */
const LEFT_TO_VALUES: Readonly<Record<string, string>> = {
    "cpu-request": "resources are empty by default",
    "cpu-limit": "resources are empty by default",
    "memory-request": "resources are empty by default",
    "memory-limit": "resources are empty by default",
    "ephemeral-storage-request": "resources are empty by default",
    "ephemeral-storage-limit": "resources are empty by default",
    "user-id": "the image's own user is below 10000, or none is named; securityContext is a value",
    "group-id": "the image's own group is below 10000, or none is named; securityContext is a value",
    "seccomp-profile": "no profile is named; securityContext is a value",
    "network-isolation": "networkPolicy.enabled is false by default",
    "network-default-deny": "policies for a whole namespace are not a chart's to make",
    replicas: "one pod by default; replicas is a value",
};

/** Findings that are true of the chart whatever its values, as `rule Kind`, with what its user would do. */
const CHARTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    "argo-cd": {
        "job-backoff Job": "The number of attempts is Kubernetes' default.",
        "job-deadline Job": "Nothing ends a Job whose image cannot be pulled.",
        "liveness-probe StatefulSet": "The controller has a readiness probe alone.",
        "rbac-escalation ClusterRole": "It applies everything, rights too: exempt, or give it a role of its own.",
        "rbac-pods ClusterRole": "It applies everything: exempt.",
        "rbac-secrets ClusterRole": "It applies everything: exempt.",
        "rbac-wildcard ClusterRole": "It applies everything: exempt, or give it a role of its own.",
        "service-account-token Job": "It makes a Secret: exempt.",
        "service-account-token StatefulSet": "It talks to the API server: exempt.",
    },
    "cert-manager": {
        "rbac-escalation ClusterRole": "It writes its authority into the webhooks: exempt.",
        "rbac-pods ClusterRole": "It makes pods that solve challenges: exempt.",
        "rbac-secrets ClusterRole": "It writes certificates into Secrets of every namespace: exempt.",
        "service-account-token Deployment": "It talks to the API server: exempt.",
    },
    "external-dns": {
        "rolling-update Deployment": "Two of them would fight over records, so that it is replaced at once: exempt.",
        "service-account-token Deployment": "It talks to the API server: exempt.",
    },
    "gitlab-runner": {
        "rbac-pods Role": "It makes a pod for each job, and runs commands there: exempt.",
        "rbac-secrets Role": "It makes a Secret for each job: exempt.",
        "read-only-root Deployment": "It writes its configuration into its home.",
        "service-account-token Deployment": "It talks to the API server: exempt.",
    },
    grafana: {
        "read-only-root Deployment": "readOnlyRootFilesystem is false by default.",
        "service-account-token Deployment": "Its sidecars talk to the API server; without them it can be off.",
    },
    "ingress-nginx": {
        "job-backoff Job": "The number of attempts is Kubernetes' default.",
        "job-deadline Job": "Nothing ends a Job whose image cannot be pulled.",
        "privileged-ports Deployment": "It listens on 80 and 443 within the pod; containerPort is a value.",
        "probe-port Deployment": "The port of the probes is open and not declared.",
        "rbac-secrets ClusterRole": "It reads the certificates of every namespace: exempt.",
        "read-only-root Deployment": "It writes its configuration into the container.",
        "service-account-token Deployment": "It talks to the API server: exempt.",
        "service-account-token Job": "It makes a Secret: exempt.",
        "service-type Service": "It is the entrance from outside: exempt, or allow the type by the parameter.",
    },
    istiod: {
        "autoscaler-range HorizontalPodAutoscaler": "The autoscaler may go down to one pod.",
        "disruption-budget-deadlock PodDisruptionBudget": "With one pod the budget lets no node be drained.",
        "liveness-probe Deployment": "It has a readiness probe alone.",
        "service-account-token Deployment": "It talks to the API server: exempt.",
    },
    keycloak: {},
    "kube-prometheus-stack": {
        "capabilities-drop DaemonSet": "securityContext is a value.",
        "host-namespaces DaemonSet": "It measures the node: exempt.",
        "host-path DaemonSet": "It measures the node: exempt.",
        "privilege-escalation DaemonSet": "securityContext is a value.",
    },
    "redis-and-kafka": {},
    postgresql: {
        "network-allow-all NetworkPolicy": "allowExternal and allowExternalEgress are true by default.",
    },
};

describe("public charts", () => {
    const settings = parseSettings({}, TODAY);

    it("are all explained", () => {
        const names = readdirSync(directory).map((file) => path.basename(file, ".yaml"));
        expect(Object.keys(CHARTS).sort()).to.deep.equal(names.sort());
        expect(names).to.have.length.at.least(10);
    });

    for (const [name, own] of Object.entries(CHARTS))
        it(`${name}: every finding has its explanation`, () => {
            const file = path.join(directory, `${name}.yaml`);
            const { objects } = readManifests(file, readFileSync(file, "utf8"));
            const mandatory = check(objects, settings).findings.filter(({ level }) => level === "mandatory");
            const found = mandatory.filter(({ rule }) => !Object.hasOwn(LEFT_TO_VALUES, rule));
            const kinds = new Set(found.map(({ rule, object }) => `${rule} ${object.kind}`));
            expect([...kinds].sort()).to.deep.equal(Object.keys(own).sort());
        });
});
