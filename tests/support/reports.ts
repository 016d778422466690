import type { Report } from "../../local/report.ts";

/** Says nothing. */
export const silent: Report = {
    step: (_title, work) => work(() => undefined),
    info: () => undefined,
    warn: () => undefined,
};

/** Keeps the titles of steps, and warnings. */
export function recorder(): { readonly report: Report; readonly steps: string[] } {
    const steps: string[] = [];
    const report: Report = {
        ...silent,
        step: (title, work) => {
            steps.push(title);
            return work(() => undefined);
        },
        warn: (text) => void steps.push(text),
    };
    return { report, steps };
}
