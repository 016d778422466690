/** Why the pack differs from a rule of more than one scanner. */
export const VERSIONED =
    "With a fixed version the image of the node is the image of the registry; Always makes every start wait for it.";

/** For rules about pod anti-affinity. */
export const SPREAD = "Topology spread constraints do the same and more, and are what Kubernetes recommends.";

/** For rules about policies that select nothing. */
export const SOLVER =
    "Not for cert-manager's solver pods: a controller makes them for a while, so no manifest has them.";
