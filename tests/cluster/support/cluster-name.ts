/** Name of the cluster that these tests run on; `tests/cluster/setup.ts` makes it. */
export const cluster = process.env["TEST_CLUSTER"] ?? "tests";

/** Name of the cluster that lifecycle.test.ts makes and removes. */
export const lifecycle = `${cluster}-lifecycle`;

/** Name of the cluster with simulated nodes that drain.test.ts makes and removes. */
export const drained = `${cluster}-drained`;
