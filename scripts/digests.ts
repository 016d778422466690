/**
 * Whether a rendering has the images that a stack runs: the same name may be another image, as tags move. Reads what
 * `npm run status -- --json` says of the stack from standard input, and asks registries with docker. Prints one line about
 * the images that are, or may be, others, and ends with 1 then.
 */
import { readFileSync } from "node:fs";
import { execa } from "execa";
import type { Image, Status } from "./status/index.ts";

const [file, ...more] = process.argv.slice(2);
if (file === undefined || more.length > 0) {
    process.stderr.write("usage: digests.ts RENDERING < STATUS\n");
    process.exit(2);
}
const { workloads, schedules, migration, smokeTest } = JSON.parse(readFileSync(0, "utf8")) as Status;
const runs = [...workloads, ...schedules, migration, smokeTest].flatMap((each): readonly Image[] => each?.images ?? []);
const rendered = readFileSync(file, "utf8").matchAll(/^ *(?:- )?image: (\S+)$/gm);
const images = new Set([...rendered].map(([, image]) => image!));
const others = (await Promise.all([...images].map(problemOf))).filter((problem) => problem !== undefined);
if (others.length > 0) process.stdout.write(`${others.join("; ")}\n`);
process.exitCode = others.length > 0 ? 1 : 0;

async function problemOf(image: string): Promise<string | undefined> {
    // With a digest, the same name is the same image.
    if (image.includes("@")) return undefined;
    const running = new Set(runs.flatMap((each) => (each.image === image ? each.digests : [])));
    if (running.size === 0) return `${image} has not run there yet`;
    const inspect = ["buildx", "imagetools", "inspect", "--format", "{{.Manifest.Digest}}", image];
    const { exitCode, stdout } = await execa("docker", inspect, { reject: false });
    if (exitCode !== 0) return `the registry does not say what ${image} is: name its digest`;
    const digest = stdout.trim();
    return running.size === 1 && running.has(digest)
        ? undefined
        : `${image} is ${digest}, and there ${[...running].join(", ")} runs`;
}
