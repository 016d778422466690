import { POD_KINDS } from "../model/object.ts";
import { called } from "../model/pods.ts";
import { finding, podRule } from "../model/rule.ts";
import { UNKNOWN } from "../model/unknown.ts";

const NAME = /^(?=.*[a-z])[a-z0-9]([a-z0-9]|-(?!-))*$/;

export const containerPorts = podRule(
    {
        name: "container-ports",
        title: "Port names are valid, and no port is declared twice",
        severity: "medium",
        why: "A Service finds only one of two ports with the same name, and the API server refuses an invalid name.",
        fix: "Use a name of at most 15 letters, digits and dashes for each port, and each port once.",
        link: "https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#ports",
        levels: ["mandatory", "mandatory", "mandatory"],
        kinds: POD_KINDS,
    },
    function* (pod) {
        const names = new Set<string>();
        const numbers = new Set<string>();
        for (const container of pod.containers) {
            if (container.role === "init") continue;
            for (const port of container.view.at("ports").items()) {
                const name = port.at("name").string();
                const number = port.at("containerPort").number();
                const protocol = port.at("protocol").string() ?? "TCP";
                if (typeof name === "string") {
                    if (!NAME.test(name) || name.length > 15 || name.endsWith("-"))
                        yield finding(port.at("name"), `${called(container)} has a port with an invalid name`);
                    if (names.has(name)) yield finding(port.at("name"), "the pod has two ports of this name");
                    names.add(name);
                }
                if (number === UNKNOWN || number === undefined || protocol === UNKNOWN) continue;
                const key = `${number}/${protocol}`;
                if (numbers.has(key)) yield finding(port.at("containerPort"), "the pod declares this port twice");
                numbers.add(key);
            }
        }
    },
);
