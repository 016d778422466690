/** Progress on a terminal or in a log: one line a step, with its duration; a sign of life during long ones. */
import { styleText } from "node:util";

export interface Report {
    /** Runs `work` as a step; `note` shows what it is doing at the moment. */
    step<T>(title: string, work: (note: (text: string) => void) => Promise<T>): Promise<T>;
    info(text: string): void;
    warn(text: string): void;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const heartbeatSeconds = 30;

/** A report on `stream` (default: standard error, so that standard output stays for results). */
export function createReport(stream: NodeJS.WriteStream = process.stderr): Report {
    const paint = (format: Parameters<typeof styleText>[0], text: string): string =>
        styleText(format, text, { stream });
    return {
        async step(title, work) {
            const start = performance.now();
            const seconds = (): string => ((performance.now() - start) / 1000).toFixed(1);
            const line = stream.isTTY ? liveLine(stream, title, seconds) : heartbeat(stream, title, seconds);
            try {
                const result = await work((text) => line.note(text));
                line.end();
                stream.write(`${paint("green", "✓")} ${title} ${paint("dim", `(${seconds()} s)`)}\n`);
                return result;
            } catch (error) {
                line.end();
                stream.write(`${paint("red", "✗")} ${title} ${paint("dim", `(${seconds()} s)`)}\n`);
                throw error;
            }
        },
        info: (text) => void stream.write(`${text}\n`),
        warn: (text) => void stream.write(`${paint("yellow", "warning:")} ${text}\n`),
    };
}

interface Line {
    note(text: string): void;
    end(): void;
}

function liveLine(stream: NodeJS.WriteStream, title: string, seconds: () => string): Line {
    let noted = "";
    let frame = 0;
    const draw = (): void => {
        const text = `${frames[frame++ % frames.length]} ${title} ${seconds()} s ${noted}`;
        stream.write(`\r\u001b[2K${text.slice(0, Math.max(20, (stream.columns || 80) - 1))}`);
    };
    const timer = setInterval(draw, 120);
    return {
        note: (text) => {
            noted = text.replaceAll("\n", " ");
        },
        end: () => {
            clearInterval(timer);
            stream.write("\r\u001b[2K");
        },
    };
}

function heartbeat(stream: NodeJS.WriteStream, title: string, seconds: () => string): Line {
    let noted = "";
    stream.write(`… ${title}\n`);
    const timer = setInterval(() => stream.write(`  … ${title}: ${seconds()} s ${noted}\n`), heartbeatSeconds * 1000);
    return {
        note: (text) => {
            noted = text.replaceAll("\n", " ");
        },
        end: () => clearInterval(timer),
    };
}
