/**
 * `npm run render`: prints every object of a stack as YAML, those of its charts included. It runs the program with the
 * SDK's mocks and Helm releases with `helm template`: no cluster, no Pulumi CLI, no passphrase.
 */
import { Command } from "commander";
import { stringify } from "yaml";
import { helmProgram } from "./helm.ts";
import { deployerRoles } from "./rbac.ts";
import { isTree } from "../policy-pack/model/view.ts";
import { RELEASE_TYPE } from "../policy-pack/resources.ts";
import { readStack, type Tree } from "./render/configuration.ts";
import { objectsOf, type RenderedObject } from "./render/objects.ts";
import { runProgram } from "./render/program.ts";

const command = new Command("render");
const collect = (value: string, list: readonly string[]): readonly string[] => {
    // The text may hold a secret: it is not shown.
    if (!/^[^=\s]+=/.test(value)) command.error("error: --config takes key=value, without a space in the key");
    return [...list, value];
};

const { stack, config, rbac } = command
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .description("Prints every object of a stack as YAML; needs no cluster.")
    .requiredOption("-s, --stack <name>", "name of the stack", process.env["PULUMI_STACK"])
    .option("-c, --config <key=value>", "value that wins over the stack's file; repeatable", collect, [])
    .option("--rbac", "print the Role and ClusterRole that a deployer of the stack needs", false)
    .parse()
    .opts<{ stack: string; config: readonly string[]; rbac: boolean }>();

try {
    const project = readStack(process.cwd(), stack, config);
    if (project.encrypted.length > 0)
        process.stderr.write(`warning: rendered without the encrypted values ${project.encrypted.join(", ")}\n`);
    const registered = await runProgram(project, stack);
    const helm = registered.some(({ type }) => type === RELEASE_TYPE) ? await helmProgram() : "";
    // A patch of what somebody else makes is no object, but takes rights.
    const wanted = registered.filter(({ type }) => rbac || !type.endsWith("Patch"));
    const warn = (text: string): void => void process.stderr.write(`warning: ${text}\n`);
    const objects = (await Promise.all(wanted.map((resource) => objectsOf(resource, helm, warn)))).flat();
    const documents = rbac ? deployerRoles(objects, `${project.name}-${stack}-deployer`) : objects;
    process.stdout.write(documents.map((document) => `---\n${toYaml(document)}`).join(""));
} catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
}

function toYaml({ source, object }: RenderedObject): string {
    const metadata = isTree(object["metadata"]) ? object["metadata"] : {};
    const tidy = { ...object, metadata: sorted(metadata, ["name", "namespace", "labels", "annotations"]) };
    const content = sorted(tidy, ["apiVersion", "kind", "metadata"]);
    // Every version of YAML reads this in the same way.
    return `# ${source}\n${stringify(content, { lineWidth: 0, aliasDuplicateObjects: false, compat: "yaml-1.1" })}`;
}

/** The tree with some keys first, then the others by name. */
function sorted(tree: Tree, first: readonly string[]): Tree {
    const keys = [...first.filter((key) => key in tree), ...Object.keys(tree).sort()];
    return Object.fromEntries(keys.map((key) => [key, tree[key]]));
}
