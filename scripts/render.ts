/**
 * `npm run render`: prints every object of a stack as YAML, those of its charts included. It runs the program with the
 * SDK's mocks and Helm releases with `helm template`: no cluster, no Pulumi CLI, no passphrase.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { stringify } from "yaml";
import { helmProgram } from "./helm.ts";
import { deployerRoles } from "./rbac.ts";
import { isTree, readStack, type Tree } from "./render/configuration.ts";
import { isRelease, objectOf, objectsOfRelease, type RenderedObject } from "./render/objects.ts";
import { runProgram } from "./render/program.ts";

interface Options {
    readonly stack: string;
    readonly config: readonly string[];
    readonly out?: string;
    readonly rbac: boolean;
}

const command = new Command("render");
const collect = (value: string, list: readonly string[]): readonly string[] => {
    // The text may hold a secret: it is not shown.
    if (!/^[^=\s]+=/.test(value)) command.error("error: --config takes key=value, without a space in the key");
    return [...list, value];
};

const options = command
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .description("Prints every object of a stack as YAML; needs no cluster.")
    .requiredOption("-s, --stack <name>", "name of the stack", process.env["PULUMI_STACK"])
    .option("-c, --config <key=value>", "value that wins over the stack's file; repeatable", collect, [])
    .option("--out <directory>", "write one file per object there")
    .option("--rbac", "print the Role and ClusterRole that a deployer of the stack needs", false)
    .parse()
    .opts<Options>();

try {
    const { stack, rbac, out } = options;
    const project = readStack(process.cwd(), stack, options.config);
    if (project.encrypted.length > 0)
        process.stderr.write(`warning: rendered without the encrypted values ${project.encrypted.join(", ")}\n`);
    const objects = await objectsOf();
    const documents = rbac ? deployerRoles(objects, `${project.name}-${stack}-deployer`) : objects;
    if (out === undefined) process.stdout.write(documents.map((document) => `---\n${toYaml(document)}`).join(""));
    else writeFiles(out, documents);

    async function objectsOf(): Promise<readonly RenderedObject[]> {
        const registered = await runProgram(project, stack);
        const helm = registered.some(isRelease) ? await helmProgram() : "";
        return registered.flatMap((resource) =>
            isRelease(resource) ? objectsOfRelease(resource, helm, process.cwd()) : [objectOf(resource)],
        );
    }
} catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
}

/** `<kind>-<name>.yaml` for each object; the namespace separates two that have the same of both. */
function writeFiles(directory: string, documents: readonly RenderedObject[]): void {
    mkdirSync(directory, { recursive: true });
    const written = new Set<string>();
    for (const document of documents) {
        const { kind, metadata } = document.object;
        const { name, namespace } = isTree(metadata) ? metadata : {};
        const base = `${String(kind)}-${String(name)}`.toLowerCase().replaceAll(/[^a-z0-9.-]+/g, "-");
        const file = written.has(base) ? `${base}.${String(namespace)}` : base;
        written.add(file);
        writeFileSync(path.join(directory, `${file}.yaml`), toYaml(document));
    }
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
    const rest = Object.keys(tree).filter((key) => !first.includes(key));
    const keys = [...first.filter((key) => key in tree), ...rest.sort()];
    return Object.fromEntries(keys.map((key) => [key, tree[key]]));
}
