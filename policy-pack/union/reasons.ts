/** Why more than one scanner's rule is judged otherwise. */
export const VERSIONED =
    "With a fixed version the image of the node is the image of the registry; Always makes every start wait for it.";

/** As above. */
export const SPREAD = "Topology spread constraints do the same and more, and are what Kubernetes recommends.";
