/** Spared libraries: not loaded by the SDK's start, and there as soon as a program uses one. */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";

const sdkDirectory = path.dirname(createRequire(import.meta.url).resolve("@pulumi/pulumi"));
const [spare, quieten] = ["../../start/spare.ts", "../../local/engine/child/quieten.ts"].map(
    (file) => new URL(file, import.meta.url).href,
);

/** What a process prints that loads the SDK as the engine has it loaded, and then runs `code`. */
async function afterStart(code: string, isSpared = true): Promise<unknown> {
    const program = `
        import { createRequire } from "node:module";
        import { spare } from ${JSON.stringify(spare)};
        import { quieten } from ${JSON.stringify(quieten)};
        const sdk = createRequire(${JSON.stringify(path.join(sdkDirectory, "index.js"))});
        if (${isSpared}) spare(sdk);
        const pulumi = sdk("./index.js");
        if (${isSpared}) quieten(sdk);
        const loaded = (part) => Object.values(sdk.cache).filter((entry) => entry?.filename.includes(part) && entry.children.length > 0);
        console.log(JSON.stringify(await (async () => { ${code} })()));`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]);
    return JSON.parse(stdout) as unknown;
}

describe("libraries that the engine spares the program", () => {
    const parts = ["arborist", "/automation/", "normalize-package-data", "js-yaml"];
    const count = `return ${JSON.stringify(parts)}.map((part) => loaded(part).length);`;

    it("are not loaded by the SDK's start, which loads them otherwise", async () => {
        expect(await afterStart(count)).to.deep.equal(parts.map(() => 0));
        expect(await afterStart(count, false)).to.not.include(0);
    });

    it("stay the same modules where they were loaded before", async () => {
        const code = `
            const before = sdk("js-yaml");
            spare(sdk);
            return before === sdk("js-yaml");`;
        expect(await afterStart(code, false)).to.equal(true);
        expect(await afterStart(code)).to.equal(true);
    });

    it("are there for a program that turns a function into text", async () => {
        const code =
            "const two = 2; return (await pulumi.runtime.serializeFunction(() => two + 1)).text.includes('two + 1');";
        expect(await afterStart(code)).to.equal(true);
    });

    it("are there for one that asks for its packages", async () => {
        const code = "return (await pulumi.runtime.computeCodePaths()).size > 0;";
        expect(await afterStart(code)).to.equal(true);
    });

    it("are there for a program that drives Pulumi itself", async () => {
        const code = "return [typeof pulumi.automation.LocalWorkspace.createStack, loaded('/automation/').length > 0];";
        expect(await afterStart(code)).to.deep.equal(["function", true]);
    });

    it("are whole to whoever looks at them", async () => {
        const code = `
            const { automation } = pulumi;
            const named = await import(sdk.resolve("./automation/index.js"));
            const names = [Object.keys(automation).includes("LocalWorkspace"), "LocalWorkspace" in automation];
            return [...names, typeof named.LocalWorkspace, typeof { ...automation }.LocalWorkspace];`;
        expect(await afterStart(code)).to.deep.equal([true, true, "function", "function"]);
    });

    it("make the same resources known, with the official CLI", async () => {
        const code = `
            sdk("@pulumi/kubernetes");
            return sdk("./runtime/state.js").getStore().resourceModules.get("kubernetes:apps/v1")?.length ?? 0;`;
        expect(await afterStart(code))
            .to.equal(1)
            .and.to.equal(await afterStart(code, false));
    });

    it("are there where tracing is wanted", async () => {
        const code = `
            const { NodeTracerProvider } = sdk("@opentelemetry/sdk-trace-node");
            const { defaultResource } = sdk("@opentelemetry/resources");
            class Own extends NodeTracerProvider {}
            const own = new Own();
            if (!(own instanceof Own && own instanceof NodeTracerProvider)) return "another class";
            return [typeof new NodeTracerProvider().register, Object.keys(defaultResource().attributes).length > 0];`;
        expect(await afterStart(code)).to.deep.equal(["function", true]);
    });
});

describe("work that the engine keeps the SDK from", () => {
    it("is to take the trace of each promise, which is still watched", async () => {
        const code = `
            const { debuggablePromise, promiseDebugString } = sdk("./runtime/debuggable.js");
            const promise = Promise.resolve();
            debuggablePromise(promise, "here");
            const trace = promiseDebugString(promise);
            return [trace.includes("here"), trace.includes(" at "), new Error().stack.includes(" at ")];`;
        expect(await afterStart(code)).to.deep.equal([true, false, true]);
        expect(await afterStart(code, false)).to.deep.equal([true, true, true]);
    });

    it("is to look up where each resource was made", async () => {
        const code = "return pulumi.Resource.callsites().length;";
        expect(await afterStart(code)).to.equal(0);
        expect(await afterStart(code, false)).to.be.above(0);
    });

    it("is to send what is for debugging, and nothing else", async () => {
        const code = `
            const sent = [];
            const engine = { log: (request, done) => { sent.push(request.getMessage()); done(null); } };
            sdk("./runtime/settings.js").getEngine = () => engine;
            await Promise.all([pulumi.log.debug("for debugging"), pulumi.log.warn("for people")]);
            return sent;`;
        expect(await afterStart(code)).to.deep.equal(["for people"]);
        expect(await afterStart(code, false)).to.deep.equal(["for debugging", "for people"]);
    });
});
