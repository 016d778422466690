/** What the API server's code asks of fields in relation to each other, by definition. */
import { ANNOTATION_CHECKS } from "./annotations.ts";
import { CONTAINER_CHECKS } from "./containers.ts";
import { EXTENSION_CHECKS } from "./extensions.ts";
import { JOB_CHECKS } from "./jobs.ts";
import { LIMIT_CHECKS } from "./limits.ts";
import { NETWORK_CHECKS } from "./network.ts";
import { OBJECT_CHECKS } from "./objects.ts";
import { POD_CHECKS } from "./pods.ts";
import { STORAGE_CHECKS } from "./storage.ts";
import { WORKLOAD_CHECKS } from "./workloads.ts";
import type { Check } from "./parts.ts";

export const CHECKS: Readonly<Record<string, Check>> = {
    ...ANNOTATION_CHECKS,
    ...POD_CHECKS,
    ...CONTAINER_CHECKS,
    ...WORKLOAD_CHECKS,
    ...JOB_CHECKS,
    ...NETWORK_CHECKS,
    ...OBJECT_CHECKS,
    ...STORAGE_CHECKS,
    ...LIMIT_CHECKS,
    ...EXTENSION_CHECKS,
};
