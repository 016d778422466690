import * as pulumi from "@pulumi/pulumi";
import {
    type DatabaseFiles,
    filesError,
    filesToRemember,
    type RememberedFiles,
    repositoryError,
} from "../config/databaseFiles.ts";
import { describeErrors } from "../config/errors/index.ts";

/** The output of the stack by which the next run knows the files. */
const output = "databaseFiles";

/**
 * Refuses another major version of PostgreSQL for the files, or for the repository of backups, that an earlier run of this
 * stack has left, and another directory for the same version.
 * @param now absent where the database is not the chart's: what its volume holds is then still known
 * @returns what the stack has to remember
 * @throws pulumi.RunError with the key and its fix
 */
export async function expectFiles(now: DatabaseFiles | undefined): Promise<RememberedFiles | undefined> {
    const stack = pulumi.getStack();
    const itself = new pulumi.StackReference(`${pulumi.getOrganization()}/${pulumi.getProject()}/${stack}`);
    const before = (await itself.getOutputValue(output)) as RememberedFiles | undefined;
    if (now === undefined) return before;
    const error = before && (filesError(before, now) ?? repositoryError(before, now));
    if (error !== undefined) throw new pulumi.RunError(describeErrors(stack, [error]));
    return filesToRemember(before, now);
}
