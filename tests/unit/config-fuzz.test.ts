import { expect } from "chai";
import fc from "fast-check";
import { describeErrors } from "../../config/errors/index.ts";
import { parseConfig } from "../../config/parse.ts";
import { secretKeys } from "../../config/secrets.ts";
import { type Config, configuration, raw } from "../support/configuration.ts";

type Place = readonly (string | number)[];

/** Every place in a configuration, branches included. */
function placesOf(value: unknown, place: Place = []): Place[] {
    if (typeof value !== "object" || value === null) {
        return [place];
    }
    const children = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
    const below = children.flatMap(([key, child]) => placesOf(child, [...place, key]));
    return place.length === 0 ? below : [place, ...below];
}

function replaceAt(config: Config, place: Place, value: unknown): void {
    let parent: unknown = config;
    for (const part of place.slice(0, -1)) {
        parent = typeof parent === "object" && parent !== null ? Reflect.get(parent, part) : undefined;
    }
    if (typeof parent === "object" && parent !== null) {
        Reflect.set(parent, place.at(-1)!, value);
    }
}

describe("any configuration", function () {
    this.timeout(60_000);

    const places = placesOf(configuration("production"));
    const values = fc.oneof(fc.jsonValue(), fc.constantFrom("", "-1", "0", "*", "null", "[]", "{}", "\0", "__proto__"));
    const changes = fc.array(fc.tuple(fc.constantFrom(...places), values), { minLength: 1, maxLength: 6 });

    it("is either right or has errors that can be read, whatever it holds", () => {
        fc.assert(
            fc.property(changes, (list) => {
                const config = configuration("production");
                list.forEach(([place, value]) => replaceAt(config, place, value));
                const { errors, settings } = parseConfig(raw(config), { placeholders: false });
                expect(settings === undefined).to.equal(errors.length > 0);
                for (const { key, problem, fix } of errors) {
                    expect(key).to.match(/^[A-Za-z_[]/);
                    expect(problem).to.match(/^(is|must|has|names|covers|lacks|does|belongs)\b/);
                    expect(fix).to.match(/^(pulumi config (set|rm) |helm )/);
                }
            }),
            { numRuns: 300 },
        );
    });

    it("is parsed without a crash where keys are anything", () => {
        fc.assert(
            fc.property(fc.dictionary(fc.string(), fc.string()), (extra) => {
                const { errors } = parseConfig(
                    { ...raw(configuration("production")), ...extra },
                    { placeholders: false },
                );
                const given = Object.entries(extra).filter(([, value]) => value !== "");
                expect(errors.length).to.be.at.least(given.length > 0 ? 1 : 0);
            }),
            { numRuns: 100 },
        );
    });

    it("shows nothing of a secret, whatever stands there", () => {
        const marked = fc.string().map((text) => `${text}s3cr3t${text}`);
        fc.assert(
            fc.property(fc.constantFrom(...secretKeys), marked, (key, value) => {
                const config = { ...configuration("production"), [key]: value };
                const { errors } = parseConfig(raw(config), { placeholders: false });
                expect(describeErrors("production", errors)).to.not.include("s3cr3t");
            }),
            { numRuns: 200 },
        );
    });
});
