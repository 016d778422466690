import { lastLines, stamp, stateOf } from "../jobs.ts";
import type { Kubectl } from "../kubectl.ts";
import { type Drill, NeverRecovers } from "./drill.ts";

export const restore: Drill = {
    about: "restore the last backup to a scratch volume and read every row",
    targetSeconds: 3600,
    prepare({ kubectl: anyKubectl, namespace, releaseName }, { backup, schedules }) {
        const kubectl: Kubectl = (args) => anyKubectl([...args, "-n", namespace]);
        const test = `${releaseName}-backup-restore-test`;
        if (!schedules.some(({ name }) => name === test))
            throw new Error("the stack has no backups: backup.enabled is false, or not yet deployed");
        if ((backup?.lastSuccess ?? null) === null) throw new Error("no backup has succeeded yet");
        const name = `${releaseName}-drill-restore-${stamp()}`;
        const job = `job/${name}`;
        let state = "none";
        return Promise.resolve({
            does: `The restore test runs now, as the Job ${name}: it checks the repository, restores the last backup (${backup!.lastSuccess}) to a volume of its own, starts PostgreSQL on it and reads every row. The database itself is not touched.`,
            notice: "Nothing.",
            cause: async () => {
                state = "running";
                await kubectl(["create", "job", name, `--from=cronjob/${test}`]);
            },
            recovered: async () => {
                state = await stateOf(kubectl, job);
                if (state === "failed") throw new NeverRecovers(`${job} failed\n${await lastLines(kubectl, job)}`);
                return state === "succeeded";
            },
            end: async () => {
                // One that has ended stays, with its log, as its schedule's runs do.
                if (state === "running") await kubectl(["delete", job, "--cascade=foreground", "--ignore-not-found"]);
            },
        });
    },
};
