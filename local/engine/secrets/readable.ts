/** What can be read of a stack's file with the passphrase that the environment gives, or without one. */
import { containsSecure, withoutSecure } from "../encrypted.ts";
import { EngineError } from "../errors.ts";
import type { StackFile } from "../project.ts";
import { givenPassphrase } from "./source.ts";

/**
 * The stack's file as it is, or, where it cannot be decrypted and `leaveOut` allows it, without its encrypted values; and
 * the keys of those. Throws for a secrets provider that the engine does not have.
 */
export function readable(
    stackFile: StackFile,
    leaveOut: boolean,
): { readonly stackFile: StackFile; readonly leftOut: readonly string[] } {
    const { file, secretsProvider, encryptionSalt, config } = stackFile;
    const isPassphrase = secretsProvider === undefined || secretsProvider === "passphrase";
    if (!leaveOut || (isPassphrase && encryptionSalt !== undefined && givenPassphrase() !== undefined)) {
        if (isPassphrase) return { stackFile, leftOut: [] };
        throw new EngineError(
            `${file}: the embedded engine decrypts with a passphrase only, not with "${secretsProvider}"`,
        );
    }
    const leftOut = Object.keys(config).filter((key) => containsSecure(config[key]));
    return { stackFile: { ...stackFile, config: withoutSecure(config) }, leftOut };
}
