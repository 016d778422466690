/** All suites, in the order in which they run: what is fast and tells most comes first. */
import { availableParallelism } from "node:os";

export interface Suite {
    readonly name: string;
    readonly about: string;
    readonly command: readonly string[];
    /** How its tests are counted: mocha's own counts, `go test -json`, or the command as one test. */
    readonly counts: "mocha" | "go" | "command";
    /** Directory to run in, relative to the project. */
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    /** Whether it needs containers or a cluster; left out by `--fast`. */
    readonly slow?: boolean;
    /** Suites of the same group run at the same time: each alone keeps less than the two cores busy. */
    readonly group?: "static" | "containers" | "clusters";
}

/** Only for suites whose files share nothing. By itself, mocha leaves one core idle: on two, files would run one by one. */
const besideEachOther = ["--parallel", "--jobs", String(availableParallelism())];

export const suites: readonly Suite[] = [
    {
        name: "types",
        about: "the TypeScript compiler",
        command: ["tsc", "--noEmit"],
        counts: "command",
        group: "static",
    },
    { name: "lint", about: "eslint", command: ["eslint", "."], counts: "command", group: "static" },
    {
        name: "format",
        about: "prettier",
        command: ["prettier", "--check", "--log-level=warn", "."],
        counts: "command",
        group: "static",
    },
    mocha("unit", "configuration, components, scripts, tools", besideEachOther),
    mocha("chart", "the embedded chart", besideEachOther),
    mocha("policy", "the policy pack", besideEachOther),
    { ...mocha("isolation", "who may talk to whom, by an evaluator that is not ours"), group: "containers" },
    {
        name: "stand-ins",
        about: "the stand-in services' own tests",
        command: ["go", "test", "-json", "./..."],
        counts: "go",
        cwd: "local/images/stand-ins",
        group: "containers",
    },
    { ...mocha("images", "the images in real containers, without a cluster"), slow: true, group: "containers" },
    onCluster("cluster", "the platform as it runs, on a real one-node cluster"),
    onCluster("commands", "what the commands of an operator do, on a second cluster"),
];

/** A suite with a cluster of its own, which all its files share. */
function onCluster(name: string, about: string): Suite {
    const flags = ["--require", "tests/cluster/setup.ts"];
    return { ...mocha(name, about, flags), env: { TEST_CLUSTER: `tests-${name}` }, slow: true, group: "clusters" };
}

function mocha(name: string, about: string, flags: readonly string[] = []): Suite {
    return {
        name,
        about,
        command: [
            "mocha",
            "--reporter",
            "tests/support/reporter.ts",
            ...flags,
            "--recursive",
            `tests/${name}/**/*.test.ts`,
        ],
        counts: "mocha",
    };
}
