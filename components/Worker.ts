import type * as pulumi from "@pulumi/pulumi";
import { DeployedWorkload, type DeployedWorkloadArgs } from "./DeployedWorkload.ts";

/** A long-running workload that nothing connects to: a Deployment without a Service. */
export class Worker extends DeployedWorkload {
    /** @param type Type token of the component, as in `system:index:Kind`. */
    public constructor(type: string, name: string, args: DeployedWorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
        super(type, name, args, opts);
        this.registerOutputs({ deploymentName: this.deployment.metadata.name });
    }
}
