/** The API of the Prometheus operator, as its Go module has it. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { command } from "../../local/cluster/command.ts";

const operator = {
    module: "github.com/prometheus-operator/prometheus-operator@v0.85.0",
    sum: "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
} as const;

/** What the program makes of it. */
const kinds = ["prometheusrules", "servicemonitors"] as const;

export interface Definition {
    readonly spec: {
        readonly names: { readonly kind: string };
        readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: object } }[];
    };
}

/** Files with the CustomResourceDefinitions. */
export async function definitionFiles(): Promise<readonly string[]> {
    const output = await command("go", "mod", "download", "-json", operator.module);
    const { Dir, Sum } = JSON.parse(output) as { readonly Dir: string; readonly Sum: string };
    if (Sum !== operator.sum) throw new Error(`${operator.module} is ${Sum}, not ${operator.sum}`);
    return kinds.map((kind) => path.join(Dir, "example/prometheus-operator-crd", `monitoring.coreos.com_${kind}.yaml`));
}

export async function definitions(): Promise<readonly Definition[]> {
    return (await definitionFiles()).map((file) => parse(readFileSync(file, "utf8")) as Definition);
}
