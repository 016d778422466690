/** YAML of Helm and kubectl, read by the policy pack's reader. */
import { createRequire } from "node:module";
import type * as Yaml from "../policy-pack/yaml.ts";

const load = createRequire(import.meta.url);

/**
 * The first document of a text; `undefined` where there is none. The reader is loaded when it is needed: that takes
 * longer than the rest of the configuration.
 * @throws Error where it is not YAML
 */
export function parseYaml(text: string): unknown {
    const { parseYaml, valueOf } = load("../policy-pack/yaml.ts") as typeof Yaml;
    const [document] = parseYaml(text).documents;
    return document && valueOf(document);
}
