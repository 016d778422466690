/** `npm run tools -- [NAME…]`: builds the named tools (all of them without a name) and prints where they are. */
import { Argument, Command, CommanderError } from "commander";
import { createReport } from "../report.ts";
import { ensureTools, isToolName, toolNames } from "./index.ts";

const program = new Command("tools")
    .description(
        "Builds the pinned Go programs that this repository uses, and prints one path a line.\n" +
            "The first build of everything is a long one, half an hour on two busy cores; what is built is kept.",
    )
    .addArgument(new Argument("[names...]", "tools to build").choices(toolNames).default([], "all of them"))
    .exitOverride()
    .action(async (names: string[]) => {
        const wanted = names.length > 0 ? names.filter(isToolName) : toolNames;
        const places = await ensureTools(wanted, createReport());
        for (const name of wanted) process.stdout.write(`${places[name]}\n`);
    });

try {
    await program.parseAsync();
} catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else {
        process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
        process.exitCode = 1;
    }
}
