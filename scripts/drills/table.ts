/** All drills, by the name of the command line. */
import { badRelease } from "./bad-release.ts";
import { drainNode } from "./drain-node.ts";
import type { Drill } from "./drill.ts";
import { expireCertificate } from "./expire-certificate.ts";
import { fillVolume } from "./fill-volume.ts";
import { killDatabase } from "./kill-database.ts";
import { loseRedis } from "./lose-redis.ts";
import { restore } from "./restore.ts";

export const drills = {
    "kill-database": killDatabase,
    "drain-node": drainNode,
    "expire-certificate": expireCertificate,
    "fill-volume": fillVolume,
    "lose-redis": loseRedis,
    "bad-release": badRelease,
    restore,
} satisfies Readonly<Record<string, Drill>>;

export type DrillName = keyof typeof drills;
