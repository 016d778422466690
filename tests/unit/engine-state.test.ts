/** The engine's state: its format, that it is never half written, never in plain text, and locked. */
import { spawn } from "node:child_process";
import { expect } from "chai";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redactor } from "../../local/engine/redact.ts";
import { Session } from "../../local/engine/session.ts";
import { createCrypter } from "../../local/engine/secrets/passphrase.ts";
import type { Crypter } from "../../local/engine/secrets/passphrase.ts";
import { readState } from "../../local/engine/state/file.ts";
import { breakLock, readHolder, takeLock } from "../../local/engine/state/lock.ts";
import { StateStore } from "../../local/engine/state/store.ts";
import type { ResourceState } from "../../local/engine/state/types.ts";
import { plain, secret } from "../../local/engine/values.ts";
import type { Values } from "../../local/engine/values.ts";
import { resourceState } from "../support/resource-state.ts";

const canary = "canary-5d1f-in-plain-text";

function resource(name: string, inputs: Values = {}, more: Partial<ResourceState> = {}): ResourceState {
    return resourceState({
        urn: `urn:pulumi:s::p::kubernetes:core/v1:Secret::${name}`,
        type: "kubernetes:core/v1:Secret",
        id: name,
        inputs,
        outputs: inputs,
        ...more,
    });
}

describe("engine: state", () => {
    let directory: string;
    let file: string;
    let crypter: Crypter;

    before(async () => {
        crypter = await createCrypter("passphrase");
    });

    beforeEach(() => {
        directory = fs.mkdtempSync(path.join(os.tmpdir(), "engine-state-"));
        file = path.join(directory, "s.json");
    });

    afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

    const open = (): StateStore => StateStore.open(readState(file), crypter, "3.0.0");

    it("keeps generated secrets, too, out of all that is shown", async () => {
        const places = { TRADESTREAM_STACKS: directory, PULUMI_CONFIG_PASSPHRASE: "passphrase" };
        const before = Object.keys(places).map((key) => [key, process.env[key]] as const);
        Object.assign(process.env, places);
        try {
            const session = (redactor: Redactor): Promise<StateStore> =>
                new Session({ cwd: "tests/fixtures/engine-program", stack: "test", config: [] }, redactor).store();
            const [first, second] = [new Redactor(), new Redactor()];
            const message = `namespace-of-everything: the API server says "${canary}" and "short", ${canary}-encoded`;
            const hidden = 'namespace-of-everything: the API server says "[secret]" and "short", [secret]';
            const store = await session(first);
            expect(first.redact(message)).to.equal(message);
            const made = resource("a", {
                data: { k: secret(canary), s: secret("short"), e: secret(btoa(`${canary}-encoded`)) },
                inputs: secret({ namespace: "namespace-of-everything" }),
            });
            await store.end(await store.begin("creating", made));
            store.put(made);
            await store.finish();
            expect(first.redact(message)).to.equal(hidden);
            await session(second);
            expect(second.redact(message)).to.equal(hidden);
        } finally {
            for (const [key, value] of before) {
                if (value === undefined) delete process.env[key];
                else process.env[key] = value;
            }
        }
    });

    it("is Pulumi's deployment of version 3, secrets encrypted, readable by its owner only", async () => {
        const store = open();
        const operation = await store.begin("creating", resource("a", { data: { k: secret(canary) } }));
        expect(JSON.parse(fs.readFileSync(file, "utf8"))).to.have.nested.property(
            "deployment.pending_operations[0].type",
            "creating",
        );
        store.put(resource("a", { data: { k: secret(canary) } }));
        await store.end(operation);
        const text = fs.readFileSync(file, "utf8");
        expect(text).not.to.include(canary);
        expect(fs.statSync(file).mode & 0o777).to.equal(0o600);
        const { version, deployment } = JSON.parse(text) as { version: number; deployment: Record<string, unknown> };
        expect(version).to.equal(3);
        expect(deployment["secrets_providers"]).to.deep.equal({
            type: "passphrase",
            state: { salt: crypter.saltText },
        });
        expect(deployment["resources"]).to.have.nested.property(
            "[0].inputs.data.k.4dabf18193072939515e22adb298388d",
            "1b47061264138c4ac30d75fd1eb44270",
        );
        expect(deployment).not.to.have.property("pending_operations");
        const [again] = open().resources;
        expect(plain(again?.inputs ?? {})).to.deep.equal({ data: { k: canary } });
    });

    it("does not rewrite what has not changed", async () => {
        const store = open();
        store.put(resource("a", { k: secret("x") }));
        await store.finish();
        const before = fs.readFileSync(file, "utf8");
        const next = open();
        next.put({ ...resource("a", { k: secret("x") }), modified: "later" });
        await next.finish();
        expect(fs.readFileSync(file, "utf8")).to.equal(before);
        next.put(resource("b"));
        await next.finish();
        const ciphertext = /"ciphertext":"([^"]+)"/.exec(before)?.[1];
        expect(fs.readFileSync(file, "utf8")).to.include(ciphertext);
    });

    it("keeps the replaced beside its replacement, and follows a new name", async () => {
        const store = open();
        const old = store.put(resource("a", { v: 1 }));
        store.put(resource("child", {}, { parent: old.urn, dependencies: [old.urn] }));
        await store.finish();
        const next = open();
        const [found] = next.resources;
        if (found === undefined) throw new Error("nothing read");
        next.putBeside(resource("a", { v: 2 }), found);
        expect(next.resources.map((state) => [state.inputs["v"], state.delete])).to.deep.equal([
            [2, false],
            [1, true],
            [undefined, false],
        ]);
        const renamed = open();
        renamed.put({ ...found, urn: `${found.urn}-new` }, renamed.resources[0]);
        expect(renamed.unregistered[0]).to.deep.include({
            parent: `${found.urn}-new`,
            dependencies: [`${found.urn}-new`],
        });
    });

    it("shares a write among steps that end together", async () => {
        const store = open();
        await Promise.all(
            Array.from({ length: 50 }, async (_, index) => {
                const operation = await store.begin("creating", resource(`r${index}`));
                store.put(resource(`r${index}`));
                await store.end(operation);
            }),
        );
        expect(open().resources).to.have.length(50);
        expect(open().pending).to.deep.equal([]);
    });

    it("is whole after a kill at any moment", async function () {
        this.timeout(60_000);
        const script = path.join(import.meta.dirname, "..", "support", "engine-writer.ts");
        for (let round = 0; round < 6; round++) {
            const child = spawn(process.execPath, [script, file], { stdio: ["ignore", "pipe", "inherit"] });
            await new Promise((resolve) => child.stdout.once("data", resolve));
            await sleep(5 + round * 9);
            child.kill("SIGKILL");
            await new Promise((resolve) => child.once("close", resolve));
            const text = fs.readFileSync(file, "utf8");
            expect(() => void JSON.parse(text), `round ${round}`).not.to.throw();
        }
    });

    for (const [what, content, message] of [
        ["damaged JSON", '{"version":3,', /is not valid JSON.*restore it from/],
        ["another version", '{"version":4,"deployment":{}}', /expected a deployment of version 3/],
        [
            "another secrets provider",
            '{"version":3,"deployment":{"secrets_providers":{"type":"cloud"}}}',
            /knows passphrase only/,
        ],
    ] as const) {
        it(`refuses ${what}`, () => {
            fs.writeFileSync(file, content);
            expect(() => readState(file)).to.throw(message);
        });
    }
});

describe("engine: lock", () => {
    let directory: string;
    let file: string;
    const notes: string[] = [];
    const note = (text: string): void => void notes.push(text);

    beforeEach(() => {
        notes.length = 0;
        directory = fs.mkdtempSync(path.join(os.tmpdir(), "engine-lock-"));
        file = path.join(directory, "s.json");
    });

    afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

    it("lets one in, names the holder to the other, and is gone afterwards", () => {
        const lock = takeLock(file, "up", note);
        expect(() => takeLock(file, "destroy", note)).to.throw(
            new RegExp(`locked by "up", process ${process.pid} on ${os.hostname()}.*use "cancel"`),
        );
        lock.release();
        takeLock(file, "destroy", note).release();
        expect(fs.readdirSync(directory)).to.deep.equal([]);
    });

    it("takes over the lock of a dead process of this machine, not of another machine", async () => {
        const child = spawn(process.execPath, ["-e", ""]);
        await new Promise((resolve) => child.once("close", resolve));
        const holder = { pid: child.pid, host: os.hostname(), command: "up", time: "then", processStart: "1" };
        fs.writeFileSync(path.join(directory, "s.lock"), JSON.stringify(holder));
        takeLock(file, "up", note).release();
        expect(notes.join()).to.match(/has died is taken over/);
        fs.writeFileSync(path.join(directory, "s.lock"), JSON.stringify({ ...holder, host: "elsewhere" }));
        expect(() => takeLock(file, "up", note)).to.throw(/on elsewhere/);
        expect(readHolder(file)).to.include({ host: "elsewhere" });
        expect(breakLock(file)).to.equal(true);
        expect(breakLock(file)).to.equal(false);
    });

    it("is not fooled by another process with the same number", () => {
        const other = { pid: process.pid, host: os.hostname(), command: "up", time: "then", processStart: "1" };
        fs.writeFileSync(path.join(directory, "s.lock"), JSON.stringify(other));
        takeLock(file, "up", note).release();
        expect(notes).to.have.length(1);
    });
});
