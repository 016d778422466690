/** `npm run images -- build|list`: the images of the local stack. */
import { existsSync, statSync } from "node:fs";
import { Command } from "commander";
import { createReport } from "../report.ts";
import { buildImages, listImages } from "./index.ts";
import type { Image } from "./index.ts";

function print(images: readonly Image[]): void {
    for (const { reference, archive } of images) {
        const size = existsSync(archive) ? `${Math.round(statSync(archive).size / 1e6)} MB` : "not built";
        process.stdout.write(`${reference}\t${size}\t${archive}\n`);
    }
}

const program = new Command("images").description("Stand-ins and database servers for the local cluster");
program
    .command("build")
    .description("build what is missing; then print each image's name, size and archive")
    .option("--fresh", "build everything again, with Debian's newest packages", false)
    .action(async (options: { fresh: boolean }) => print(await buildImages(createReport(), options)));
program
    .command("list")
    .description("print each image's name, size and archive")
    .action(() => print(listImages()));
program.exitOverride();
// An interrupted build takes its children with it; what it leaves half-done the next one removes.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

try {
    await program.parseAsync();
} catch (error) {
    if (error instanceof Error && "exitCode" in error) {
        process.exitCode = error.exitCode === 0 ? 0 : 2; // commander has said what is wrong with the command line
    } else {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        process.exitCode = 1;
    }
}
