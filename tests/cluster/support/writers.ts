/** Clients of gateway-api that write one row after the other into its database, and remember what was confirmed. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createReport } from "../../../local/report.ts";
import { ensureTools } from "../../../local/tools/index.ts";
import { pause } from "./load.ts";
import { namespace } from "./tradestream.ts";

const clients = 3;
/** Between two requests of a client, so that others get some of the machine. Milliseconds. */
const rest = 40;
/** Milliseconds. */
const patience = 5000;

/** Runs until it is stopped. Its way into the pod is the kubelet's, which network policies leave open. */
export class Writers {
    /** When each row was confirmed, by id: milliseconds since 1970. */
    readonly confirmed = new Map<number, number>();
    readonly #forward: ChildProcess;
    #clients: readonly Promise<void>[] = [];
    #stopped = false;

    private constructor(forward: ChildProcess) {
        this.#forward = forward;
    }

    static async start(): Promise<Writers> {
        const { kubectl } = await ensureTools(["kubectl"], createReport());
        const words = [kubectl, "port-forward", "-n", namespace, "service/tradestream-gateway-api", ":8000"];
        const forward = spawn("setpriv", ["--pdeathsig", "SIGKILL", "--", ...words], {
            stdio: ["ignore", "pipe", "inherit"],
        });
        const writers = new Writers(forward);
        try {
            const [line] = (await once(forward.stdout, "data")) as [Buffer];
            const url = `http://127.0.0.1:${/:(\d+) ->/.exec(String(line))![1]}`;
            const answer = await fetch(`${url}/api/token`, { method: "POST" });
            const { access_token: token } = (await answer.json()) as { readonly access_token: string };
            writers.#clients = Array.from({ length: clients }, () => writers.#write(url, `Bearer ${token}`));
            return writers;
        } catch (error) {
            await writers.stop();
            throw error;
        }
    }

    async stop(): Promise<void> {
        this.#stopped = true;
        await Promise.all(this.#clients);
        this.#forward.kill("SIGKILL");
    }

    async #write(url: string, authorization: string): Promise<void> {
        const request = { method: "POST", headers: { authorization }, redirect: "manual" } as const;
        while (!this.#stopped) {
            const signal = AbortSignal.timeout(patience);
            const answer = await fetch(`${url}/api/notifications/test`, { ...request, signal }).catch(() => undefined);
            const id = /\/(\d+)$/.exec(answer?.headers.get("location") ?? "")?.[1];
            if (answer?.status === 303 && id !== undefined) this.confirmed.set(Number(id), Date.now());
            await answer?.body?.cancel();
            await pause(rest);
        }
    }
}
