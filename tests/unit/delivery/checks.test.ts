/** What the workflows make for a comment, for code scanning and for approval, run as their jobs run it. */
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { command, type Name, root, text } from "./workflows.ts";

const stacks = ["staging", "production"] as const;

interface Log {
    readonly runs: readonly {
        readonly results: readonly {
            readonly ruleId: string;
            readonly locations: readonly {
                readonly physicalLocation: {
                    readonly artifactLocation: { readonly uri: string };
                    readonly region: { readonly startLine: number };
                };
            }[];
        }[];
    }[];
}

/** A registry with these images, as docker asks it. */
const docker = `#!/bin/sh
for image; do :; done
case $image in
    */gateway-api:*) cat "$RUNNER_TEMP/tag" ;;
    private.example.com/*) exit 1 ;;
    *) echo sha256:1 ;;
esac
`;

/** What the status says of staging, on one line. */
function statusOf(images: readonly string[], healthy = true): string {
    const workloads = [{ images: images.map((image) => ({ image, digests: ["sha256:1"] })) }];
    return JSON.stringify({ healthy, workloads, schedules: [], migration: null, smokeTest: null }, null, 2)
        .split("\n")
        .join("");
}

/** The commands of package.json that the steps call. Rendering gives what the golden files are tested for: it takes long. */
const npm = `#!/bin/sh
name=$3
shift 4
case $name in
    render) cat ${root}/tests/golden/$2.yaml ;;
    *) exec node ${root}/scripts/$name.ts "$@" ;;
esac
`;

describe("the steps of the workflows", function () {
    this.timeout(60_000);
    let scratch: string;
    let project: string;

    beforeEach(() => {
        scratch = mkdtempSync(path.join(os.tmpdir(), "tradestream-checks-"));
        writeFileSync(path.join(scratch, "npm"), npm, { mode: 0o755 });
        writeFileSync(path.join(scratch, "docker"), docker, { mode: 0o755 });
        writeFileSync(path.join(scratch, "tag"), "sha256:1\n");
        project = path.join(scratch, "project");
        mkdirSync(path.join(project, "tests/golden"), { recursive: true });
        for (const file of ["policy-config.json", ...stacks.map((stack) => `tests/golden/${stack}.yaml`)])
            copyFileSync(path.join(root, file), path.join(project, file));
    });

    afterEach(() => rmSync(scratch, { recursive: true, force: true }));

    const read = (file: string): string => readFileSync(path.join(scratch, file), "utf8");
    const golden = "project/tests/golden/production.yaml";
    function edit(from: string, to: string): void {
        expect(read(golden)).to.contain(from);
        writeFileSync(path.join(scratch, golden), read(golden).replace(from, to));
    }
    /** The exit status of the one step of a job whose script has a text. */
    function run(name: Name, job: string, part: string, variables: NodeJS.ProcessEnv = {}): number | null {
        return spawnSync("bash", ["-e", "-c", command(name, job, part)], {
            cwd: project,
            stdio: ["ignore", "inherit", "inherit"],
            env: {
                ...process.env,
                PATH: `${scratch}:${process.env["PATH"]}`,
                RUNNER_TEMP: scratch,
                GITHUB_STEP_SUMMARY: path.join(scratch, "summary"),
                ...variables,
            },
        }).status;
    }

    it("compare what the stacks render to with the base", () => {
        edit("maxReplicas: 10\n", "maxReplicas: 8\n");
        const identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
        const git = (...args: readonly string[]) => execFileSync("git", [...identity, ...args], { cwd: project });
        git("init", "--quiet");
        git("add", ".");
        git("commit", "--quiet", "--message", "base");
        git("commit", "--quiet", "--message", "merge", "--allow-empty");
        expect(run("pull-request", "check", "run --silent compare")).to.equal(0);
        const [staging, production] = stacks.map((stack) => read(`project/rendered/${stack}.md`));
        expect(staging).to.contain("are the same as before");
        expect(production).to.contain("-  maxReplicas: 8\n+  maxReplicas: 10\n").and.to.contain("2 to 8 → **2 to 10**");
        expect(read("summary")).to.equal(`### staging\n${staging}### production\n${production}`);
    });

    it("report what the policy pack finds, on lines of the repository, and fail where it cannot", () => {
        edit(
            "      automountServiceAccountToken: false\n",
            "      automountServiceAccountToken: false\n      hostPID: true\n",
        );
        expect(run("policy", "report", "run --silent policy")).to.equal(0);
        const [staging, production] = stacks.map(
            (stack) => (JSON.parse(read(`report/${stack}.sarif`)) as Log).runs[0]!.results,
        );
        expect(staging).to.deep.equal([]);
        expect(production?.map(({ ruleId }) => ruleId)).to.deep.equal(["host-namespaces"]);
        const { artifactLocation, region } = production![0]!.locations[0]!.physicalLocation;
        expect(artifactLocation.uri).to.equal("tests/golden/production.yaml");
        expect(read(golden).split("\n")[region.startLine - 1]).to.equal("      hostPID: true");
        rmSync(path.join(scratch, "report"), { recursive: true });
        rmSync(path.join(project, "policy-config.json"));
        expect(run("policy", "report", "run --silent policy")).to.not.equal(0);
    });

    it("fill in the checklist of a promotion, and stop an image that staging does not have", () => {
        const images = [...read(golden).matchAll(/^ *image: (\S+)$/gm)].map(([, image]) => image!);
        const STATUS = statusOf(images);
        const variables = { CHECK: "success", STAGING: "success", PREVIEW: "success", GITHUB_SHA: "0123abcd", STATUS };
        const promote = (results: NodeJS.ProcessEnv) => {
            rmSync(path.join(scratch, "summary"), { force: true });
            return run("deploy", "production-preview", "gate()", { ...variables, ...results });
        };
        expect(promote({})).to.equal(0);
        expect(read("summary")).to.match(
            /^### Promotion of 0123abcd to production\n(- \[x\] .*\n){6}(- \[ \] .*\n){3}\n/,
        );
        expect(read("summary"))
            .to.contain("    tradestreamhq/gateway-api:v1.0.0\n")
            .and.to.contain("    docker.io/library/postgres");
        // Production alone, by hand.
        expect(promote({ STAGING: "skipped", STATUS: "", PREVIEW: "failure" })).to.equal(0);
        expect(read("summary"))
            .to.match(/- \[ \] staging runs .*\(skipped\)\n- \[ \] .*\(unknown\)\n- \[x\] .*\n- \[ \] .*\(unknown\)\n/)
            .and.to.match(/- \[ \] preview .*\(failure\)\n/);
        expect(promote({ STATUS: statusOf(images, false) })).to.equal(0);
        expect(read("summary")).to.match(/- \[ \] staging is healthy.*\(see the job Staging\)\n/);
        edit("image: tradestreamhq/gateway-api:v1.0.0", "image: tradestreamhq/gateway-api:v9");
        expect(promote({})).to.equal(1);
        expect(read("summary")).to.contain(
            "- [ ] staging has all images of production (staging lacks tradestreamhq/gateway-api:v9)\n",
        );
    });

    it("stop a tag that has moved, one that nobody knows, and one that staging has not run; a digest passes", () => {
        const image = "tradestreamhq/gateway-api:v1.0.0";
        const promote = (wanted: string, ...running: readonly string[]) => {
            rmSync(path.join(scratch, "summary"), { force: true });
            writeFileSync(path.join(project, "tests/golden/staging.yaml"), `image: ${wanted}\n`);
            writeFileSync(path.join(scratch, golden), `image: ${wanted}\n`);
            const STATUS = statusOf(running);
            return run("deploy", "production-preview", "gate()", { CHECK: "success", STAGING: "success", STATUS });
        };
        const said = (): string => /- \[.\] each image .*/.exec(read("summary"))![0];
        expect(promote(image, image)).to.equal(0);
        writeFileSync(path.join(scratch, "tag"), "sha256:2\n");
        expect(promote(image, image)).to.equal(1);
        expect(said()).to.contain("- [ ] ").and.to.contain(`(${image} is sha256:2, and there sha256:1 runs)`);
        expect(promote("private.example.com/x:v1", "private.example.com/x:v1")).to.equal(1);
        expect(said()).to.contain("(the registry does not say what private.example.com/x:v1 is: name its digest)");
        expect(promote(image)).to.equal(1);
        expect(said()).to.contain(`(${image} has not run there yet)`);
        expect(promote(`${image}@sha256:1`)).to.equal(0);
        expect(said()).to.match(/^- \[x\]/);
    });

    it("say after a promotion whether production runs it, and is healthy", () => {
        const after = (STATUS: string): string => {
            rmSync(path.join(scratch, "summary"), { force: true });
            expect(run("deploy", "production", "gate()", { PRODUCTION: "success", STATUS })).to.equal(0);
            return read("summary");
        };
        expect(after(statusOf([]))).to.match(/\n(- \[x\] .*\n){2}$/);
        expect(after(statusOf([], false))).to.match(/- \[x\] .*\n- \[ \] .*\(npm run status\)\n$/);
        expect(after("")).to.match(/- \[ \] .*\(npm run status\)\n$/);
    });

    it("have the checklist of docs/delivery.md", () => {
        const boxes = text(".github/workflows/deploy.yml").matchAll(/^ +(?:gate "\$\w+"|ask) "(.*)"$/gm);
        const [, section = ""] = /^### The promotion checklist\n([^]*?)^###/m.exec(text("docs/delivery.md")) ?? [];
        const items = [...section.matchAll(/^- (.*)$/gm)].map(([, item]) => item);
        expect(items).to.have.length(11);
        expect([...boxes].map(([, box]) => box)).to.deep.equal(items);
    });
});
