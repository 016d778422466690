/** What a drill is. Each is one file beside this one; table.ts lists them. */
import type { Report } from "../../local/report.ts";
import type { Site } from "../deploy/index.ts";
import type { Store } from "../deploy/releases.ts";
import type { Status, StatusTarget } from "../status/index.ts";

/** The stack on which it runs. */
export interface Place extends Store, StatusTarget {
    /** Opens it for a deployment. */
    readonly site: () => Promise<Site>;
}

export interface Drill {
    /** For the help. */
    readonly about: string;
    /** Seconds in which the stack has to recover. */
    readonly targetSeconds: number;
    /**
     * Looks at the stack, which is healthy, and touches nothing.
     * @throws where the drill cannot work there
     */
    prepare(place: Place, status: Status, report: Report): Promise<Fault>;
}

/** A fault that is ready to be caused. */
export interface Fault {
    /** What happens to what; sentences. */
    readonly does: string;
    /** What users notice; sentences. */
    readonly notice: string;
    cause(): Promise<void>;
    /**
     * Whether it is over, apart from the workloads, which are looked at anyway.
     * @throws NeverRecovers
     */
    recovered(): Promise<boolean>;
    /** Takes away what is left of it, after a success as after a failure and an interruption. */
    end?(): Promise<void>;
}

/** The fault will not be over by itself. */
export class NeverRecovers extends Error {}
