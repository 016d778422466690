/** Somebody who follows a guide. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createReport } from "../../../local/report.ts";
import { ensureTools } from "../../../local/tools/index.ts";
import { bash, outputOf } from "./commands.ts";
import type { TestStack } from "./pulumi.ts";

/** Somebody at a shell, in a directory of their own, whose `pulumi` is about one stack. */
export class Operator {
    readonly directory = mkdtempSync(path.join(os.tmpdir(), "tradestream-operator-"));
    readonly #env: NodeJS.ProcessEnv;

    private constructor({ pulumi, stack, cwd }: TestStack, tools: Readonly<Record<string, string>>) {
        const [programs, temporary] = [path.join(this.directory, "bin"), path.join(this.directory, "tmp")] as const;
        for (const place of [programs, temporary]) mkdirSync(place);
        for (const [name, file] of Object.entries(tools)) symlinkSync(file, path.join(programs, name));
        const flags = `--stack ${stack.name} --cwd '${cwd}' --non-interactive`;
        const script = `#!/bin/sh
[ "$1" != up ] || set -- "$@" --yes --skip-preview
[ "$1" = stack ] || set -- "$@" --config-file '${stack.configFile}'
exec '${pulumi.file}' "$@" ${flags}
`;
        writeFileSync(path.join(programs, "pulumi"), script);
        chmodSync(path.join(programs, "pulumi"), 0o755);
        // The provider leaves the kubeconfig that it gives to Helm among the temporary files.
        const own = { TMPDIR: temporary, PATH: `${programs}:${stack.env["PATH"] ?? process.env["PATH"]}` };
        this.#env = { ...process.env, ...stack.env, ...own };
    }

    static async of(stack: TestStack): Promise<Operator> {
        return new Operator(stack, await ensureTools(["kubectl", "helm"], createReport()));
    }

    /** Runs commands up to the first that fails. */
    run(block: string, env: NodeJS.ProcessEnv = {}) {
        return bash(block, { cwd: this.directory, env: { ...this.#env, ...env } });
    }

    /** The same; throws with all that was printed when one fails. */
    async ok(block: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
        return outputOf(block, await this.run(block, env));
    }

    close(): void {
        rmSync(this.directory, { recursive: true });
    }
}
