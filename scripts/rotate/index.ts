/** Rotates a credential: sets the new one in the stack file, deploys, and ends the old one. */
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { deriveVapidKeys } from "../../config/vapid.ts";
import { runPulumi } from "../../local/pulumi/run.ts";
import type { Report } from "../../local/report.ts";
import { deploy, exitCodes, type Outcome, type Site } from "../deploy/index.ts";
import { readReleases } from "../deploy/releases.ts";
import { areAccepted, retire } from "./database.ts";
import { postgresql, redis, type Server } from "./servers.ts";
import { type Versions, versionsOf } from "./versions.ts";

/** What can be rotated, and what its users have to know before. */
export const credentials = {
    jwt: [
        "The JWT secret: pods first accept tokens of a new one, then sign with it; those of the old one stay valid until the next rotation.",
        "An image that does not read JWT_PREVIOUS_SECRET signs everybody out.",
    ],
    database: [
        "The passwords of the services' roles in PostgreSQL: each role gets a second login, pods move to it, and the old password is refused.",
    ],
    postgres: [
        "The password of PostgreSQL's superuser, which makes the roles and the backups. Sessions go on; a backup that begins meanwhile tries again.",
    ],
    redis: [
        "The password of Redis: it accepts a second one, pods move to that, and the old password is refused. Redis does not restart.",
    ],
    vapid: ["The VAPID key pair: ALL PUSH SUBSCRIPTIONS END, and browsers have to subscribe anew."],
    "oauth-google": [
        "Google's client secret: add a second one at Google now, and delete the old one there afterwards.",
    ],
    "oauth-github": [
        "GitHub's client secret: add a second one at GitHub now, and delete the old one there afterwards.",
    ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Credential = keyof typeof credentials;
export const credentialNames = Object.keys(credentials) as readonly Credential[];

/** The secret keys that somebody has to give. */
const given: Partial<Record<Credential, string>> = {
    "oauth-google": "googleClientSecret",
    "oauth-github": "githubClientSecret",
};

/** Whether the command asks for the new value. */
export function isGiven(credential: Credential): boolean {
    return given[credential] !== undefined;
}

/**
 * Rotates a credential. The last good release comes back where the new credential cannot be deployed, and the stack file
 * is as before then. Run again after an interruption, it finishes what it began.
 *
 * @param value of a credential that somebody has to give. Default: the CLI asks for it, or reads standard input
 * @throws when nothing was changed
 */
export async function rotate(site: Site, credential: Credential, report: Report, value?: string): Promise<Outcome> {
    const [release] = (await readReleases(site)).good;
    if (release === undefined)
        throw new Error("no good release is known, to go back to where this fails: `npm run deploy` first");
    const stack = new Rotation(site, report, versionsOf(release.stackFile, site.command.project));
    switch (credential) {
        case "jwt":
            return stack.jwt();
        case "database":
            return stack.database();
        case "postgres":
            return stack.server(postgresql);
        case "redis":
            return stack.server(redis);
        case "vapid":
            return stack.vapid();
        default:
            return stack.secret(given[credential]!, value);
    }
}

class Rotation {
    readonly #site: Site;
    readonly #report: Report;
    readonly #deployed: Versions;

    constructor(site: Site, report: Report, deployed: Versions) {
        this.#site = site;
        this.#report = report;
        this.#deployed = deployed;
    }

    /** A token of a new pod must not reach an old one that does not know its secret: so all know it before one signs. */
    async jwt(): Promise<Outcome> {
        const { jwt } = this.#wanted();
        const isBegun = jwt.version > this.#deployed.jwt.version;
        if (!isBegun) {
            if (!this.#deployed.jwt.next) {
                const announced = await this.#deploy(() => this.#set("jwtSecretNext", "true"));
                if (announced.code !== exitCodes.good) return announced;
            }
            this.#report.info("All pods accept tokens of the new secret; now they sign with it");
        }
        const signing = this.#deploy(async () => {
            // In this order: one version further, the next one would be a secret that no token is signed with.
            await this.#config(["rm", "jwtSecretNext"], "");
            if (!isBegun) await this.#set("jwtSecretVersion", String(jwt.version + 1));
        });
        const outcome = await signing.catch((error: unknown): Outcome => {
            const { message } = error as Error;
            const said = `All pods accept tokens of the new JWT secret, and none signs with it: ${message}. Run it again.`;
            return { code: exitCodes.stays, said };
        });
        return said(outcome, `Tokens are signed with the JWT secret ${this.#wanted().jwt.version}.`);
    }

    /** Pods that run know the old password only, until each has been replaced: both have to be valid meanwhile. */
    async database(): Promise<Outcome> {
        const { database: wanted, without } = this.#wanted();
        if (without.roles !== undefined) throw new Error(`there are no roles' passwords: ${without.roles}`);
        const isDeployed = wanted <= this.#deployed.database;
        // Asked in any case: whoever may not ask could not end the old ones either.
        const isAccepted = await areAccepted(this.#site, wanted - 1);
        const isUnfinished = isDeployed && wanted > 1 && isAccepted;
        const version = isDeployed && !isUnfinished ? wanted + 1 : wanted;
        if (isUnfinished) this.#report.info(`Version ${version} is deployed, and the one before is still accepted`);
        else {
            const outcome = await this.#deploy(() => this.#set("database.roles.passwordVersion", String(version)));
            if (outcome.code !== exitCodes.good) return outcome;
        }
        const stays = (why: string): Outcome => ({
            code: exitCodes.stays,
            said: `The passwords of version ${version} are in use, but those before stay valid: ${why}. Run it again.`,
        });
        try {
            const users = await retire(this.#site, version - 1, this.#report);
            if (users.length > 0) return stays(`${users.join(", ")} may need them`);
        } catch (error) {
            return stays((error as Error).message);
        }
        const said = `The passwords of version ${version} are in use, and those of version ${version - 1} are refused.`;
        return { code: exitCodes.good, said };
    }

    /**
     * The server learns the new password before the Secrets have it, as pods that come log in with it at once. In the stack file
     * it is from the beginning on, so that it is not lost with this process.
     */
    async server(server: Server): Promise<Outcome> {
        const { key } = server;
        const { given, without } = this.#wanted();
        if (without[key] !== undefined) throw new Error(`there is no ${key}: ${without[key]}`);
        const isBegun = given[key] !== this.#deployed.given[key];
        if (!isBegun && (await server.isUnfinished?.(this.#site)) === true)
            this.#report.info(`The ${key} of the stack file is deployed, and another one is still accepted`);
        else {
            const deployed = this.#deploy(async () => {
                const password = isBegun ? await this.#secretOf(key) : randomBytes(24).toString("base64url");
                if (!isBegun) await this.#setSecret(key, password);
                await server.accept(this.#site, password);
            });
            const outcome = await deployed.catch(async (error: unknown) => {
                await this.#settle(server);
                throw error;
            });
            if (outcome.code === exitCodes.wentBack) await this.#settle(server);
            if (outcome.code !== exitCodes.good) return outcome;
        }
        const left = await this.#settle(server);
        return left === undefined
            ? { code: exitCodes.good, said: `The new ${key} is in use, and the one before is refused.` }
            : { code: exitCodes.stays, said: `The new ${key} is in use, but ${left}. Run it again.` };
    }

    /** Returns what is left to do. */
    async #settle(server: Server): Promise<string | undefined> {
        const left = await server.settle(this.#site, this.#report).then(
            (users) =>
                users.length > 0 ? `${users.join(", ")} may need the one before, which stays valid` : undefined,
            (error: unknown) => `another one may be valid: ${(error as Error).message}`,
        );
        if (left !== undefined) this.#report.warn(`${server.key}: ${left}`);
        return left;
    }

    async vapid(): Promise<Outcome> {
        const { privateKey, publicKey } = deriveVapidKeys(randomBytes(48).toString("base64url"));
        const outcome = await this.#deploy(async () => {
            await this.#setSecret("vapidPrivateKey", privateKey);
            await this.#setSecret("vapidPublicKey", publicKey);
        });
        return said(outcome, "The new VAPID pair is in use.");
    }

    async secret(key: string, value: string | undefined): Promise<Outcome> {
        const outcome = await this.#deploy(() => this.#setSecret(key, value));
        return said(outcome, `The new ${key} is in use. Delete the old one at its provider.`);
    }

    #wanted(): Versions {
        return versionsOf(readFileSync(this.#site.stackFile, "utf8"), this.#site.command.project);
    }

    /** Deploys a change of the stack file, which is taken back where the release before stays or comes back. */
    async #deploy(change: () => Promise<void>): Promise<Outcome> {
        const { stackFile } = this.#site;
        const before = readFileSync(stackFile, "utf8");
        try {
            await change();
            const outcome = await deploy(this.#site, { rollback: true, policies: [] }, this.#report);
            if (outcome.code === exitCodes.wentBack) writeFileSync(stackFile, before);
            return outcome;
        } catch (error) {
            writeFileSync(stackFile, before);
            throw error;
        }
    }

    async #set(path: string, value: string): Promise<void> {
        await this.#config(["set", "--path", path, value], "");
    }

    async #setSecret(key: string, value: string | undefined): Promise<void> {
        await this.#config(["set", "--secret", key], value);
    }

    async #secretOf(key: string): Promise<string> {
        return (await this.#config(["get", key], "")).trim();
    }

    /**
     * Runs `pulumi config`, and returns what it prints.
     * @param input standard input. Default: that of this process, so that the CLI can ask
     */
    async #config(args: readonly string[], input?: string): Promise<string> {
        const { file, cwd, env, stack, flags } = this.#site.command;
        const io = input === undefined ? ({ output: "inherit" } as const) : ({ output: "pipe", input } as const);
        const { code, stdout, stderr } = await runPulumi(
            { file, env },
            ["config", ...args, "--stack", stack, ...flags],
            {
                cwd,
                env,
                ...io,
            },
        );
        if (code !== 0) throw new Error(`pulumi config ${args[0]} failed: ${stderr.trim()}`);
        return stdout;
    }
}

function said(outcome: Outcome, text: string): Outcome {
    return outcome.code === exitCodes.good ? { ...outcome, said: `${outcome.said} ${text}` } : outcome;
}
