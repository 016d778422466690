/** The library of the schemas. A stack's configuration is read once: to compile parsers for it takes longer than it saves. */
import { z } from "zod";

z.config({ jitless: true });

export { z };
