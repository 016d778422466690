/**
 * Preloaded by Pulumi.yaml and PulumiPolicy.yaml: Pulumi's SDK loads at each start what it needs only to serialize
 * functions, which neither the program nor the pack does. Here such a package loads when one of its properties is read:
 * half a second less for each process. Where a package is elsewhere, or Node.js has no such hooks, it loads at once.
 */
import module from "node:module";

/** In the place of a package: the second time that its file is required, it is the package. */
const placeholder = `
    let loaded;
    function load() {
        if (loaded === undefined) {
            delete require.cache[__filename];
            loaded = require(__filename);
        }
        return loaded;
    }
    module.exports = new Proxy({}, { get: (_, name) => name === "__esModule" || load()[name] });
`;

const replaced = [
    { end: "/node_modules/typescript/lib/typescript.js", source: placeholder },
    { end: "/node_modules/@npmcli/arborist/lib/index.js", source: placeholder },
    // Maps stack traces of compiled TypeScript to its source. Pulumi takes one for each resource, and Node.js runs our
    // TypeScript at the positions of the source itself.
    { end: "/node_modules/source-map-support/register.js", source: "" },
];
const seen = new Set();
module.registerHooks?.({
    load(url, context, next) {
        const source = replaced.find(({ end }) => url.endsWith(end))?.source;
        if (source === undefined || seen.has(url)) return next(url, context);
        seen.add(url);
        return { format: "commonjs", source, shortCircuit: true };
    },
});
