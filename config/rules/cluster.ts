/** Rules over the way to the cluster. */
import { kubeconfigErrors } from "../kubeconfig.ts";
import { type Rule, valid } from "./rule.ts";

const contextExists: Rule = ({ settings, usesCluster }) => (usesCluster ? kubeconfigErrors(settings) : valid);

export const clusterRules: readonly Rule[] = [contextExists];
