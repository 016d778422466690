import { CONTAINER_KINDS } from "../model/object.ts";
import { finding, podRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

const SOCKET =
    /(^|\/)(docker|dockershim|containerd|crio|cri-dockerd|podman|buildkitd|kubelet)\.sock$|^\/(var\/)?run\/?$|^\/+$/;

export const runtimeSocket = podRule(
    {
        name: "runtime-socket",
        title: "No pod reaches the container runtime of its node",
        severity: "critical",
        why: "Whoever talks to the runtime starts any container with any right on that node.",
        fix: "Remove the mount; it stays wrong even where other paths of the node are exempted.",
        link: "https://kubernetes.io/docs/concepts/storage/volumes/#hostpath",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: CONTAINER_KINDS,
    },
    function* (pod) {
        for (const volume of pod.spec.at("volumes").items()) {
            const place = volume.at("hostPath", "path");
            const path = place.string();
            if (path !== UNKNOWN && path !== undefined && SOCKET.test(path))
                yield finding(place, "this volume holds the socket of the container runtime");
        }
    },
);
