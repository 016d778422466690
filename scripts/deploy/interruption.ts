/** Ctrl-C ends the CLI and kubectl in an orderly way; whoever pressed it does not want another update. */
export function watchForInterruption(): { readonly came: () => boolean; readonly end: () => void } {
    let isInterrupted = false;
    const note = (): void => void (isInterrupted = true);
    const signals = ["SIGINT", "SIGTERM"] as const;
    for (const signal of signals) process.on(signal, note);
    return {
        came: () => isInterrupted,
        end: () => {
            for (const signal of signals) process.off(signal, note);
        },
    };
}
