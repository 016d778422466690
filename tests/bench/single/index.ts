/** A single ConfigMap: what any program costs. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

new kubernetes.core.v1.ConfigMap("single", {
    metadata: { name: "bench-single", namespace: "default" },
    data: { value: new pulumi.Config().require("value") },
});
