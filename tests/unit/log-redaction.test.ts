/** The patterns of secrets in logs. The collector itself applies them in tests/cluster/pods.test.ts. */
import { expect } from "chai";
import { secretKeys, secretValues } from "../../components/logRedaction.ts";
import { keyLines, linesWithSecrets, plainLines } from "../support/secretLines.ts";

/** A pattern of Go's regexp, which the patterns share all but the flag with. */
const compiled = (pattern: string): RegExp =>
    pattern.startsWith("(?i)") ? new RegExp(pattern.slice(4), "gi") : new RegExp(pattern, "g");
const patterns = secretValues.map(compiled);
const redacted = (line: string): string => patterns.reduce((text, pattern) => text.replaceAll(pattern, "****"), line);
const isSecret = (key: string): boolean => secretKeys.map(compiled).some((pattern) => pattern.test(key));

/** Lines in JSON are fields by the time that the patterns see them. */
const inText = linesWithSecrets.filter(([line]) => !line.startsWith("{"));

describe("redaction of logs", () => {
    for (const [line, secrets] of [...inText, [keyLines.join("\n"), keyLines.slice(1, 4)] as const])
        it(`leaves nothing of the secret in: ${line.split("\n")[0]!}`, () => {
            for (const secret of secrets) expect(line).to.include(secret);
            for (const secret of secrets) expect(redacted(line)).to.not.include(secret);
            expect(redacted(line)).to.include("****");
        });

    for (const line of plainLines) it(`leaves as it is: ${line}`, () => expect(redacted(line)).to.equal(line));

    it("knows fields by their names", () => {
        for (const key of ["password", "DB_PASSWORD", "clientSecret", "api-key", "apiKey", "Authorization", "cookies"])
            expect(isSecret(key), key).to.equal(true);
        for (const key of ["user", "tokens_used", "secretName", "level", "k8s.pod.name", "log.file.path"])
            expect(isSecret(key), key).to.equal(false);
    });

    it("uses only what Go's regexp knows, and nothing that the collector would expand", () => {
        for (const pattern of [...secretValues, ...secretKeys]) {
            expect(pattern).to.not.match(/\(\?[=!<]|\\[1-9]|\$/);
            expect(() => compiled(pattern)).to.not.throw();
        }
    });
});
