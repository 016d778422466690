/** How services find the chart's Redis. */
import type * as pulumi from "@pulumi/pulumi";
import type { Source } from "./environment.ts";
import { dataPorts } from "./networkPolicy.ts";
import { objectName, type Platform } from "./platform.ts";

/** REDIS_URL: the spec's plain address, or one with a password from the Secret. */
export function redisUrl(platform: Platform, secret: pulumi.Input<string>, auth: boolean): Source {
    return auth ? { secret, key: "redis-url" } : `redis://${objectName(platform, "redis-master")}:${dataPorts.redis}`;
}
