/** Which passphrase a run uses. */
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { stacksHome } from "../../home.ts";
import { EngineError } from "../errors.ts";

/** The passphrase given by the environment, as the official CLI takes it; `undefined` when there is none. */
export function givenPassphrase(): string | undefined {
    const direct = process.env["PULUMI_CONFIG_PASSPHRASE"];
    if (direct !== undefined) return direct;
    const file = process.env["PULUMI_CONFIG_PASSPHRASE_FILE"];
    if (!file) return undefined;
    try {
        return fs.readFileSync(file, "utf8").trim();
    } catch {
        throw new EngineError(`PULUMI_CONFIG_PASSPHRASE_FILE: cannot read ${file}`);
    }
}

/** The passphrase for values that a stack file encrypts. Throws when the environment gives none. */
export function requiredPassphrase(stackFile: string): string {
    const given = givenPassphrase();
    if (given === undefined) {
        throw new EngineError(
            `${stackFile} is encrypted: set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to its passphrase`,
        );
    }
    return given;
}

/** A random passphrase of this machine, made once: it protects states of stacks that have no passphrase of their own. */
export function machinePassphrase(project: string): string {
    const file = path.join(stacksHome(project), "passphrase");
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    if (!fs.existsSync(file)) {
        const draft = `${file}.${process.pid}`;
        fs.writeFileSync(draft, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600 });
        try {
            fs.linkSync(draft, file); // only one of two first runs wins, and never with half a file
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        } finally {
            fs.unlinkSync(draft);
        }
    }
    return fs.readFileSync(file, "utf8").trim();
}
