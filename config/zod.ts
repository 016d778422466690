/** zod without compiled parsers: a configuration is parsed once, and compiling takes longer than it saves. */
import { z } from "zod";

z.config({ jitless: true });

export { z };
