// The language host loads a pack through a TypeScript compiler of its own, which would check every file at each start
// and does not take `.ts` in imports. Behind a module of plain JavaScript, Node.js runs the TypeScript itself.
import "./index.ts";
