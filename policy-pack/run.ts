import {
    checkObject,
    checkStack,
    formatFinding,
    joinReports,
    reviewExemptions,
    runFinding,
    withoutRepeats,
} from "./check.ts";
import type { Finding, Report } from "./check.ts";
import type { KubeObject } from "./model/object.ts";
import { sentenceList } from "./model/text.ts";
import { createRenderer } from "./release.ts";
import { objectsOf, stackOf, type PulumiResource } from "./resources.ts";
import { objectShape } from "./rules/object-shape.ts";
import { releaseRender } from "./rules/release-render.ts";
import { unknownValues } from "./rules/unknown-values.ts";
import type { Exemption, Settings } from "./settings.ts";

/** What a run needs from its surroundings. */
export interface Surroundings {
    /** The helm program: a path, or a name to look for on the PATH. */
    readonly helm: string;
    /** Directories that a relative chart path may start from, in order. */
    readonly directories: readonly string[];
}

/** The checks of one preview or update: resource after resource, then how they relate. */
export interface Run {
    /** Checks one resource by itself and keeps its inputs. */
    resource(resource: PulumiResource, settings: Settings): Promise<Report>;
    /**
     * Checks how the kept resources relate, and the exemptions. The inputs count, not the outputs that the engine has
     * by then: those carry the server's defaults, which nobody wrote.
     * @param urns the resources that the stack has at its end
     */
    stack(urns: readonly string[], settings: Settings): Report;
}

/** Starts a run. */
export function createRun(surroundings: Surroundings): Run {
    const render = createRenderer();
    const kept = new Map<string, readonly KubeObject[]>();
    const used = new Set<Exemption>();
    const waiting = new Map<string, readonly Finding[]>();
    const malformed: Finding[] = [];

    /** The objects inside a Release, and what there is to say when they cannot be had. */
    async function inside(release: KubeObject, settings: Settings): Promise<[readonly KubeObject[], Report]> {
        const { kubernetesVersion, projectDirectory } = settings.parameters;
        const own = projectDirectory === "" ? [] : [projectDirectory];
        const directories = [...own, ...surroundings.directories];
        const rendered = await render(release, { helm: surroundings.helm, directories, kubernetesVersion });
        switch (rendered.outcome) {
            case "rendered":
                return [rendered.objects, joinReports([])];
            case "unknown": {
                const message = `not known before the update, so that the chart cannot be rendered: ${sentenceList(rendered.paths)}`;
                const found = { path: rendered.paths[0] ?? "", message };
                return [[], runFinding(unknownValues, release, found, settings)];
            }
            case "failed":
                return [[], runFinding(releaseRender, release, { path: "chart", message: rendered.reason }, settings)];
        }
    }

    return {
        async resource(resource, settings) {
            const own = objectsOf(resource);
            const reports: Report[] = [];
            const all = [...own];
            for (const object of own) {
                reports.push(checkObject(object, settings));
                if (object.kind !== "Release" || object.apiVersion !== "helm.sh/v3") continue;
                const [objects, report] = await inside(object, settings);
                all.push(...objects);
                reports.push(report, ...objects.map((inner) => checkObject(inner, settings)));
            }
            kept.set(resource.urn, all);
            const { findings, exempted } = joinReports(reports);
            for (const { exemption } of exempted) used.add(exemption);
            malformed.push(...findings.filter(({ rule }) => rule === objectShape.name));
            waiting.set(resource.urn, findings.filter(isGathered));
            return { findings: findings.filter((finding) => !isGathered(finding)), exempted };
        },
        stack(urns, settings) {
            const objects = urns.flatMap((urn) => kept.get(urn) ?? []);
            const relations = withoutRepeats(checkStack(objects, settings), malformed);
            for (const { exemption } of relations.exempted) used.add(exemption);
            const gathered = urns.flatMap((urn) => waiting.get(urn) ?? []);
            const report = joinReports([
                { ...relations, findings: relations.findings.filter((finding) => !isGathered(finding)) },
                whatWaits([...gathered, ...relations.findings.filter(isGathered)], stackOf(urns[0]) ?? "", settings),
                reviewExemptions(settings, used),
            ]);
            for (const memory of [kept, used, waiting]) memory.clear();
            malformed.length = 0;
            return report;
        },
    };
}

/** Whether a finding is reported once for the whole stack: advice on values that only the update knows, which each preview has. */
function isGathered({ level, waiting }: Finding): boolean {
    return level === "advisory" && waiting !== undefined;
}

/** What many objects wait for, in one line. At the level mandatory each object has a finding of its own, with all fields. */
function whatWaits(findings: readonly Finding[], stack: string, settings: Settings): Report {
    if (findings.length === 0) return joinReports([]);
    const objects = new Map<string, Set<string>>();
    for (const { object, waiting = [] } of findings)
        for (const rule of waiting)
            objects.set(rule, (objects.get(rule) ?? new Set()).add(`${object.kind} ${object.name}`));
    const parts = [...objects].map(([rule, names]) => `${rule} could not check all of ${sentenceList([...names])}`);
    const message = `some values are not known before the update, so that ${parts.join("; ")}`;
    return runFinding(
        unknownValues,
        { apiVersion: "pulumi", kind: "Stack", name: stack, body: {} },
        { path: "", message },
        settings,
    );
}

/** A finding as CrossGuard takes it: under the rule's own name, at the rule's own level. */
export interface Violation {
    readonly name: string;
    readonly description: string;
    readonly message: string;
    readonly severity: Finding["severity"];
    readonly urn?: string;
    /** Left out where it is mandatory, so that the level of the whole policy can lower it. */
    readonly enforcementLevel?: "advisory";
}

/** A finding as CrossGuard takes it. */
export function toViolation(finding: Finding): Violation {
    return {
        name: finding.rule,
        description: finding.title,
        message: formatFinding(finding),
        severity: finding.severity,
        ...(finding.object.urn === undefined ? {} : { urn: finding.object.urn }),
        ...(finding.level === "advisory" ? { enforcementLevel: "advisory" as const } : {}),
    };
}
