/**
 * Keeps the SDK, once it is loaded, from work of which this engine shows nothing: messages for debugging, each a call of
 * its own that the next one waits for, and stack traces of each promise and resource.
 */
export function quieten(sdk: NodeJS.Require): void {
    const log = sdk("./log/index.js") as { debug: () => Promise<void> };
    log.debug = () => Promise.resolve();
    const { Resource } = sdk("./resource.js") as { Resource: { callsites: () => unknown[] } };
    Resource.callsites = () => [];
    const promises = sdk("./runtime/debuggable.js") as { debuggablePromise: (...args: unknown[]) => unknown };
    const { debuggablePromise } = promises;
    promises.debuggablePromise = (...args) => {
        const { stackTraceLimit } = Error;
        Error.stackTraceLimit = 0;
        try {
            return debuggablePromise(...args);
        } finally {
            Error.stackTraceLimit = stackTraceLimit;
        }
    };
}
