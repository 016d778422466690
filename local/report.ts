/** Progress on a terminal or in a log: one line for each step, with its duration; a line now and then during long ones. */
import { styleText } from "node:util";
import ora from "ora";

export interface Report {
    /** Runs `work` as a step; `note` shows what it is doing at the moment. */
    step<T>(title: string, work: (note: (text: string) => void) => Promise<T>): Promise<T>;
    info(text: string): void;
    warn(text: string): void;
}

const heartbeatSeconds = 30;

/** A report on `stream` (default: standard error, so that standard output stays for results). */
export function createReport(stream: NodeJS.WriteStream = process.stderr): Report {
    const paint = (format: Parameters<typeof styleText>[0], text: string): string =>
        styleText(format, text, { stream });
    return {
        async step(title, work) {
            const start = performance.now();
            const seconds = (): string => ((performance.now() - start) / 1000).toFixed(1);
            let noted = "";
            // Ctrl-C has to reach the processes that a step runs: the spinner leaves standard input alone.
            const spinner = stream.isTTY ? ora({ text: title, stream, discardStdin: false }).start() : undefined;
            if (spinner === undefined) stream.write(`… ${title}\n`);
            const beat = (): void => {
                const text = `${title} ${seconds()} s ${noted}`;
                if (spinner === undefined) stream.write(`  … ${text}\n`);
                else spinner.text = text;
            };
            const timer = setInterval(beat, spinner === undefined ? heartbeatSeconds * 1000 : 200);
            const end = (symbol: string): void => {
                clearInterval(timer);
                spinner?.stop();
                stream.write(`${symbol} ${title} ${paint("dim", `(${seconds()} s)`)}\n`);
            };
            try {
                const result = await work((text) => {
                    noted = text.replaceAll("\n", " ");
                });
                end(paint("green", "✓"));
                return result;
            } catch (error) {
                end(paint("red", "✗"));
                throw error;
            }
        },
        info: (text) => void stream.write(`${text}\n`),
        warn: (text) => void stream.write(`${paint("yellow", "warning:")} ${text}\n`),
    };
}
