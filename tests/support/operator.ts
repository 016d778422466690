/** The APIs of operators, as their Go modules have them. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { command } from "../../local/cluster/command.ts";

interface Module {
    readonly module: string;
    readonly sum: string;
    /** Files with what the program makes objects of. */
    readonly files: readonly string[];
}

const prometheus = "example/prometheus-operator-crd/monitoring.coreos.com";

const modules = {
    prometheus: {
        module: "github.com/prometheus-operator/prometheus-operator@v0.85.0",
        sum: "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
        files: ["prometheusrules", "servicemonitors", "podmonitors"].map((name) => `${prometheus}_${name}.yaml`),
    },
    externalSecrets: {
        module: "github.com/external-secrets/external-secrets@v1.3.2",
        sum: "h1:u2J8RjlHIeF0oZCqtl92adI/uZWUwOesJIDkfql6LqQ=",
        files: ["config/crds/bases/external-secrets.io_externalsecrets.yaml"],
    },
    sealedSecrets: {
        module: "github.com/bitnami-labs/sealed-secrets@v0.40.0",
        sum: "h1:rvCP35JL8ZV5LNA2SrwNR6iLyoM3ulrSFWN0lBtYEYI=",
        files: ["helm/sealed-secrets/crds/bitnami.com_sealedsecrets.yaml"],
    },
} as const satisfies Readonly<Record<string, Module>>;

export type Operator = keyof typeof modules;

export interface Definition {
    readonly spec: {
        readonly group: string;
        readonly names: { readonly kind: string };
        readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: object } }[];
    };
}

/** Files with the CustomResourceDefinitions of an operator. */
export async function definitionFiles(operator: Operator): Promise<readonly string[]> {
    const { module, sum, files } = modules[operator];
    const output = await command("go", "mod", "download", "-json", module);
    const { Dir, Sum } = JSON.parse(output) as { readonly Dir: string; readonly Sum: string };
    if (Sum !== sum) throw new Error(`${module} is ${Sum}, not ${sum}`);
    return files.map((file) => path.join(Dir, file));
}

/** Those of all operators. */
export async function definitions(): Promise<readonly Definition[]> {
    const files = await Promise.all((Object.keys(modules) as Operator[]).map(definitionFiles));
    return files.flat().map((file) => parse(readFileSync(file, "utf8")) as Definition);
}
