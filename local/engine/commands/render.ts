/** `render`: the objects as YAML. */
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { EngineError } from "../errors.ts";
import { deployerRoles } from "../rbac.ts";
import { Renderer, toFiles, toYaml } from "../render.ts";
import type { CommonOptions } from "../session.ts";
import type { ResourceState } from "../state/types.ts";
import { Workbench } from "./shared.ts";

export interface RenderCommandOptions extends CommonOptions {
    readonly showSecrets: boolean;
    /** The rights that a deployer needs, in place of the objects. */
    readonly rbac: boolean;
    /** Directory for one file per object; default: everything on standard output. */
    readonly out?: string;
}

export async function render(options: RenderCommandOptions): Promise<number> {
    const bench = new Workbench({ ...options, leaveOutSecrets: !options.showSecrets });
    const { session } = bench;
    if (session.leftOut.length > 0)
        bench.display.message(
            "warning",
            `rendered as if these encrypted values were not set: ${session.leftOut.join(", ")}; ` +
                "with PULUMI_CONFIG_PASSPHRASE those that a passphrase encrypts are used",
        );
    let olds: readonly ResourceState[] = [];
    if (options.showSecrets && session.stored.saltText !== undefined) olds = (await session.store()).resources;
    const renderer = new Renderer({
        project: session.project.name,
        stack: session.stack,
        providers: bench.providers("never"),
        showSecrets: options.showSecrets,
        olds: new Map(olds.map((state) => [state.urn, state])),
        defaultProviders: await session.defaultProviders(),
    });
    const ok = await session.run(renderer, {
        dryRun: true,
        signal: bench.signal,
        onMessage: (severity, text, urn) => {
            if (severity === "error" && renderer.failures.length > 0) return; // follows from what is told at the end
            bench.display.message(severity, text, urn);
        },
    });
    if (renderer.failures.length > 0) throw new EngineError(renderer.failures.join("\n"));
    if (!ok) throw new EngineError("nothing is rendered, since the program failed");
    const objects = await renderer.documents();
    const documents = options.rbac
        ? deployerRoles(objects, `${session.project.name}-${session.stack}-deployer`)
        : objects;
    const shown = (text: string): string => (options.showSecrets ? text : bench.redactor.redact(text));
    if (options.out === undefined) {
        await new Promise<void>((resolve) => process.stdout.write(shown(toYaml(documents)), () => resolve()));
        return 0;
    }
    const directory = path.resolve(options.out);
    fs.mkdirSync(directory, { recursive: true });
    const files = toFiles(documents);
    for (const [name, text] of files) fs.writeFileSync(path.join(directory, name), shown(text));
    bench.display.message("info", `${files.size} files in ${directory}`);
    return 0;
}
