/** The official CLI, where it is on the PATH: production and, as the floor, a program with a single ConfigMap. */
import fs from "node:fs";
import path from "node:path";
import { type Cost, measure, root } from "./measure.ts";
import { productionPaths, productionSecrets } from "./production.ts";

type Environment = Readonly<Record<string, string>>;
type Subjects = Readonly<Record<string, () => Promise<Cost>>>;

/** What to measure, deployed once so that nothing is left to change; nothing where there is no `pulumi`. */
export async function officialCli(scratch: string, env: Environment, helm: string): Promise<Subjects> {
    if (!isOnPath("pulumi")) {
        process.stderr.write("no pulumi on the PATH: the official CLI is left out\n");
        return {};
    }
    const backend = path.join(scratch, "backend");
    fs.mkdirSync(backend, { recursive: true });
    const environment = {
        ...env,
        HELM: helm, // the pack looks into the chart
        PULUMI_BACKEND_URL: `file://${backend}`,
        PULUMI_CONFIG_PASSPHRASE: "bench",
        PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    const production = linked(root, path.join(scratch, "official"), "production");
    const single = linked(path.join(root, "tests/bench/single"), path.join(scratch, "single"), "bench");
    const pulumi = (cwd: string, ...args: string[]): Promise<Cost> =>
        measure("pulumi", [...args, "--non-interactive"], { cwd, env: environment });
    await pulumi(production, "stack", "init", "production");
    await pulumi(single, "stack", "init", "bench");
    // Written into the stack's file: `--config-path` of this CLI replaces an object by the one member that it names.
    const settings = (kind: string, given: readonly string[]): string[] =>
        given.flatMap((setting) => [`--${kind}`, setting]);
    await pulumi(
        production,
        ...["config", "set-all", "--path"],
        ...settings("secret", productionSecrets),
        ...settings("plaintext", ["namespace=bench-pulumi", ...productionPaths]),
    );
    const update = ["up", "--yes", "--skip-preview"];
    await pulumi(production, ...update, "--stack", "production");
    await pulumi(single, ...update, "--stack", "bench");
    const pack = [
        "--policy-pack",
        path.join(root, "policy-pack"),
        "--policy-pack-config",
        path.join(root, "policy-config.json"),
    ];
    return {
        "pulumi: preview": () => pulumi(production, "preview", "--stack", "production"),
        "pulumi: preview with the policy pack": () => pulumi(production, "preview", "--stack", "production", ...pack),
        "pulumi: preview of one ConfigMap": () => pulumi(single, "preview", "--stack", "bench"),
        "pulumi: up": () => pulumi(production, "up", "--yes", "--stack", "production"),
        "pulumi: up of one ConfigMap": () => pulumi(single, "up", "--yes", "--stack", "bench"),
    };
}

function isOnPath(program: string): boolean {
    const directories = (process.env["PATH"] ?? "").split(path.delimiter);
    return directories.some((directory) => fs.existsSync(path.join(directory, program)));
}

/** Links to a project, but a stack file of its own: the CLI writes into it. */
function linked(project: string, directory: string, stack: string): string {
    fs.mkdirSync(directory);
    for (const name of fs.readdirSync(project)) {
        if (!/^Pulumi\..+\.yaml$/.test(name) && !name.startsWith("."))
            fs.symlinkSync(path.join(project, name), path.join(directory, name));
    }
    const modules = path.join(directory, "node_modules");
    if (!fs.existsSync(modules)) fs.symlinkSync(path.join(root, "node_modules"), modules);
    fs.copyFileSync(path.join(project, `Pulumi.${stack}.yaml`), path.join(directory, `Pulumi.${stack}.yaml`));
    return directory;
}
