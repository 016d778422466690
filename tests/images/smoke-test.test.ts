/** The script of the smoke test in its image, against services that answer as they should, and against some that do not. */
import { expect } from "chai";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { type Check, smokeTestScript } from "../../components/smokeTestChecks.ts";
import { type Ended, Runtime } from "./container.ts";
import { archives } from "./support.ts";

describe("images: the smoke test", function () {
    this.timeout("10m");
    let runtime: Runtime;
    let archive: (name: string) => string;
    let server: http.Server;

    before(async () => {
        archive = await archives();
        runtime = new Runtime();
        server = http
            .createServer(({ url, method, headers }, response) => {
                if (url === "/token") return void response.end('{"access_token":"t.0-k_n","expires_in":900}');
                if (url === "/queue" || url === "/queued/1") {
                    const isAllowed =
                        headers.authorization === "Bearer t.0-k_n" && (method === "POST") === (url === "/queue");
                    response.writeHead(isAllowed ? (url === "/queue" ? 303 : 200) : 401, { location: "/queued/1" });
                    return void response.end('{"state":"queued"}');
                }
                if (url === "/sign-in") response.writeHead(307, { location: "https://accounts.example/o?id=s3cret" });
                if (url === "/broken") response.writeHead(500);
                response.write("data: {}\n\n");
                if (url !== "/stream") response.end();
            })
            .listen(0, "127.0.0.1");
        await once(server, "listening");
    });
    after(() => {
        runtime?.close();
        server?.closeAllConnections();
        server?.close();
    });

    async function run(...checks: readonly Partial<Check>[]): Promise<Ended> {
        const { port } = server.address() as AddressInfo;
        const all = checks.map(({ url = "/", ...check }, index) => ({
            ...{ name: `it's ${index}`, expected: "200", ...check },
            url: url.startsWith("/") ? `http://127.0.0.1:${port}${url}` : url,
        }));
        return runtime.run(archive("curl:7"), { program: ["/bin/sh", "-c", smokeTestScript(all)] });
    }

    it("ends with 0 when all is well, and prints a line for each check, without the client's id", async () => {
        const signIn = { url: "/sign-in", expected: "30[237] https://accounts.example/*" };
        const { code, log } = await run({}, signIn, {
            url: "/stream",
            contains: "data:",
            options: ["--max-time", "3", "--retry", "0"],
        });
        expect(log.trim().split("\n")).to.deep.equal([
            ...["ok      it's 0: 200", "ok      it's 1: 307 https://accounts.example/o", "ok      it's 2: 200"],
        ]);
        expect(code).to.equal(0);
    });

    it("sends a token where one is needed, also where it is led to, and shows none", async () => {
        const { port } = server.address() as AddressInfo;
        const check = { url: "/queue", contains: '"state":', options: ["--data", "", "--location"] };
        const tokenUrl = `http://127.0.0.1:${port}/token`;
        const { log } = await run({ ...check, tokenUrl }, check, { ...check, tokenUrl: `${tokenUrl}s` });
        expect(log).to.match(/^ok {6}it's 0: 200\nFAILED {2}it's 1: .*, got 401\nFAILED {2}it's 2: .*, got 401\n/);
        expect(log).to.not.contain("t.0-k_n");
    });

    it("connects where an option says, whatever the name", async () => {
        const { port } = server.address() as AddressInfo;
        const elsewhere = { url: "http://api.tradestream.test/", options: ["--connect-to", `::127.0.0.1:${port}`] };
        const { log } = await run(elsewhere, { url: elsewhere.url, options: ["--retry", "0"] });
        expect(log).to.match(/^ok {6}it's 0: 200\nFAILED {2}it's 1: expected 200, got curl: \(6\) /);
    });

    it("ends with 1 when a check fails, and says what was expected and what came", async () => {
        const { code, log } = await run(
            ...[{ url: "/broken" }, { contains: "# TYPE " }, { url: "http://127.0.0.1:1/" }, {}],
            { url: "/", expected: "30[237] https://accounts.example/*" },
        );
        expect(code).to.equal(1);
        const [broken, part, gone, fine, redirect, sum] = log.trim().split("\n");
        expect(broken).to.equal("FAILED  it's 0: expected 200, got 500");
        expect(part).to.equal('FAILED  it\'s 1: expected 200 with "# TYPE ", got 200 without it');
        expect(gone).to.match(/^FAILED {2}it's 2: expected 200, got curl: \(7\) /);
        expect(fine).to.equal("ok      it's 3: 200");
        expect(redirect).to.equal("FAILED  it's 4: expected 30[237] https://accounts.example/*, got 200");
        expect(sum).to.equal("4 of 5 checks have failed");
    });
});
