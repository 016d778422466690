import * as pulumi from "@pulumi/pulumi";
import { type DatabaseFiles, filesError, filesToRemember } from "../config/databaseFiles.ts";
import { describeErrors } from "../config/errors/index.ts";

/** The output of the stack by which the next run knows the files. */
const output = "databaseFiles";

/**
 * Refuses another major version of PostgreSQL for the files that an earlier run of this stack has left, and another directory
 * for the same one.
 * @param now absent where the database is not the chart's: what its volume holds is then still known
 * @returns what the stack has to remember
 * @throws pulumi.RunError with the key and its fix
 */
export async function expectFiles(now: DatabaseFiles | undefined): Promise<DatabaseFiles | undefined> {
    const stack = pulumi.getStack();
    const itself = new pulumi.StackReference(`${pulumi.getOrganization()}/${pulumi.getProject()}/${stack}`);
    const before = (await itself.getOutputValue(output)) as DatabaseFiles | undefined;
    if (now === undefined || before === undefined) return now ?? before;
    const error = filesError(before, now);
    if (error !== undefined) throw new pulumi.RunError(describeErrors(stack, [error]));
    return filesToRemember(before, now);
}
