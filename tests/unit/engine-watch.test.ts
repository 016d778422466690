/** A watch on a connection that has died without a word is given up and opened anew; one that lives is left alone. */
import { expect } from "chai";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { watchUntil } from "../../local/engine/await/watch.ts";
import { KubeClient } from "../../local/engine/kube/client.ts";
import type { ClusterAccess } from "../../local/engine/kube/config.ts";

type Answer = (response: http.ServerResponse, watch: number) => void;

/** Asks a server that answers as told for the object's end; resolves with the number of watches that it took. */
async function watchesUntilDeleted(answer: Answer): Promise<number> {
    let watches = 0;
    const server = http.createServer((_request, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        answer(response, ++watches);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const access: ClusterAccess = {
        server: new URL(`http://127.0.0.1:${port}`),
        contextName: "test",
        namespace: "default",
        tls: { rejectUnauthorized: true },
        headers: () => Promise.resolve({}),
        source: { text: "" },
    };
    const client = new KubeClient(access, { reads: 0, writes: 0, watches: 0 }, 200);
    try {
        const isDeleted = await watchUntil(
            client,
            "/api/v1/pods",
            {},
            (type) => (type === "DELETED" ? true : undefined),
            { timeout: 8000, signal: new AbortController().signal },
        );
        expect(isDeleted).to.equal(true);
        return watches;
    } finally {
        client.close();
        server.closeAllConnections();
        server.close();
    }
}

function event(response: http.ServerResponse, type: string): void {
    response.write(`${JSON.stringify({ type, object: { kind: "Pod" } })}\n`);
}

describe("engine, a watch", () => {
    it("that falls silent is opened anew", async () => {
        const watches = await watchesUntilDeleted((response, watch) => {
            event(response, watch === 1 ? "ADDED" : "DELETED");
        });
        expect(watches).to.equal(2);
    });

    it("that is answered by nobody is opened anew", async () => {
        const watches = await watchesUntilDeleted((response, watch) => {
            if (watch > 1) event(response, "DELETED");
        });
        expect(watches).to.equal(2);
    });

    it("control: one that goes on talking is left alone, however long it takes", async () => {
        const watches = await watchesUntilDeleted((response) => {
            let count = 0;
            const timer = setInterval(() => event(response, ++count < 12 ? "BOOKMARK" : "DELETED"), 50);
            response.on("close", () => clearInterval(timer));
        });
        expect(watches).to.equal(1);
    });
});
