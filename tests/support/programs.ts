/** Runs of the stacks as they are; each is made once and shared by all tests that only look. */
import type { Stack } from "./configuration.ts";
import { type Program, runProgram } from "./mocks.ts";

const made = new Map<Stack, Promise<Program>>();

/** What the program registers for a stack as its file is. */
export function programOf(stack: Stack): Promise<Program> {
    const program = made.get(stack) ?? runProgram(stack);
    made.set(stack, program);
    return program;
}
