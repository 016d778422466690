import { POD_KINDS } from "../model/object.ts";
import { finding, podRule } from "../model/rule.ts";

export const emptyDirLimit = podRule(
    {
        name: "empty-dir-limit",
        title: "Scratch volumes have a limit",
        severity: "low",
        why: "One pod can fill the disk or the memory of its node.",
        fix: "Set sizeLimit on the emptyDir.",
        link: "https://kubernetes.io/docs/concepts/storage/volumes/#emptydir",
        levels: ["disabled", "advisory", "mandatory"],
        kinds: POD_KINDS,
    },
    function* (pod) {
        for (const volume of pod.spec.at("volumes").items()) {
            const directory = volume.at("emptyDir");
            if (directory.missing || directory.unknown) continue;
            if (directory.at("sizeLimit").missing)
                yield finding(directory.at("sizeLimit"), "the scratch volume has no limit");
        }
    },
);
