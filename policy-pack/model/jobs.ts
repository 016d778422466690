import { knownKind, type KubeObject } from "./object.ts";
import type { View } from "./view.ts";

/** Kinds that run to an end. */
export const JOB_KINDS = ["Job", "CronJob"] as const;

/** The spec of the Job that an object is, or makes. */
export function jobSpec(object: KubeObject, view: View): View {
    return knownKind(object) === "CronJob" ? view.at("spec", "jobTemplate", "spec") : view.at("spec");
}
