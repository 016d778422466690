import type { KubeObject } from "./object.ts";
import type { View } from "./view.ts";

/** An object that a rule looks at. */
export interface Subject {
    readonly object: KubeObject;
    /** The whole object; its reads are traced for the rule. */
    readonly view: View;
}
