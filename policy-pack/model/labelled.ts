import { POD_KINDS } from "./object.ts";

/** Kinds that people look for by label: workloads, and what leads to them. */
export const LABELLED_KINDS: readonly string[] = [...POD_KINDS, "Service", "Ingress"];
