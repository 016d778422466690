/** Somebody who follows the guides in a clone, with a backend of their own, and whose stack is `production`. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { stringify } from "yaml";
import { ensurePulumi } from "../../../local/pulumi/index.ts";
import { createReport } from "../../../local/report.ts";
import { ensureTools } from "../../../local/tools/index.ts";
import { type Change, requiredSecrets } from "../../support/configuration.ts";
import { Repository } from "../../support/repository.ts";
import { bash, outputOf } from "./commands.ts";
import { configOf } from "./pulumi.ts";

const stackFile = "Pulumi.production.yaml";

/**
 * The reader's `pulumi`: it logs in to their backend, takes secrets that it would ask for from variables, and asks nothing.
 * And as much of `jq` as the guides use, as not every machine has it.
 */
const programs = `
pulumi() {
    [ "$*" != login ] || set -- login "$BACKEND"
    [ "$1" != up ] || set -- "$@" --yes --skip-preview
    if [ "\${*:1:3}" = "config set --secret" ] && printenv "$4" > /dev/null; then
        printenv "$4" | "$PULUMI" "$@"
    else
        "$PULUMI" "$@"
    fi
}
jq() { node -p 'JSON.stringify(JSON.parse(require("fs").readFileSync(0, "utf8"))[process.argv[1].slice(1)])' "$1"; }
`;

export class Reader {
    readonly #repository: Repository;
    /** Everything of the reader but the clone. */
    readonly #home: string;
    readonly #env: NodeJS.ProcessEnv;

    private constructor(repository: Repository, home: string, env: NodeJS.ProcessEnv) {
        this.#repository = repository;
        this.#home = home;
        this.#env = env;
    }

    /** One who has replaced the values of `production` by those of the stack local with a change, without its secrets. */
    static async start(change: Change): Promise<Reader> {
        const pulumi = await ensurePulumi(createReport());
        const tools = await ensureTools(["kubectl", "helm", "kubeseal"], createReport());
        const repository = await Repository.copy();
        const secrets = Object.fromEntries(Object.keys(requiredSecrets).map((key) => [key, undefined]));
        await repository.commit({ [stackFile]: stringify({ config: configOf("local", { ...change, ...secrets }) }) });
        const home = mkdtempSync(path.join(os.tmpdir(), "tradestream-reader-"));
        const place = (name: string): string => path.join(home, name);
        for (const name of ["bin", "pulumi", "state", "tmp"]) mkdirSync(place(name));
        for (const [name, file] of Object.entries(tools)) symlinkSync(file, path.join(home, "bin", name));
        const plugins = path.join(pulumi.env["PULUMI_HOME"] ?? path.join(os.homedir(), ".pulumi"), "plugins");
        symlinkSync(plugins, path.join(home, "pulumi/plugins"));
        const who = { NAME: "reader", EMAIL: "reader@example.com" };
        return new Reader(repository, home, {
            ...process.env,
            ...pulumi.env,
            ...requiredSecrets,
            PATH: `${place("bin")}:${pulumi.env["PATH"] ?? process.env["PATH"]}`,
            TMPDIR: place("tmp"),
            PULUMI: pulumi.file,
            PULUMI_HOME: place("pulumi"),
            // `npm run deploy` may have another home.
            PULUMI_CREDENTIALS_PATH: place("pulumi"),
            PULUMI_CONFIG_PASSPHRASE: "passphrase-of-the-reader",
            BACKEND: `file://${place("state")}`,
            // `npm ci` compares package.json with the lock file, and installs nothing: the clone has the modules.
            npm_config_dry_run: "true",
            npm_config_offline: "true",
            ...Object.fromEntries(
                ["AUTHOR", "COMMITTER"].flatMap((role) =>
                    Object.entries(who).map(([key, value]) => [`GIT_${role}_${key}`, value]),
                ),
            ),
        });
    }

    /** Runs commands in the clone up to the first that fails. `input` is what is typed. */
    run(block: string, env: NodeJS.ProcessEnv = {}, input?: string) {
        const options = { cwd: this.#repository.directory, env: { ...this.#env, ...env } };
        return bash(`${programs}${block}`, { ...options, ...(input !== undefined && { input }) });
    }

    /** The same; throws with all that was printed when one fails. */
    async ok(block: string, env: NodeJS.ProcessEnv = {}, input?: string): Promise<string> {
        return outputOf(block, await this.run(block, env, input));
    }

    /** Text of a file in the clone. */
    read(file = stackFile): string {
        return readFileSync(path.join(this.#repository.directory, file), "utf8");
    }

    /** Of the backend. */
    get state(): string {
        return path.join(this.#home, "state");
    }

    close(): void {
        rmSync(this.#home, { recursive: true });
        this.#repository.remove();
    }
}
