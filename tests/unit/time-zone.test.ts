import { existsSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { isTimeZone } from "../../policy-pack/model/time-zone.ts";

/** The names that this machine has a file for, aliases too. */
const table = "/usr/share/zoneinfo/tzdata.zi";
const names = existsSync(table)
    ? readFileSync(table, "utf8")
          .split("\n")
          .flatMap((line) => (/^Z /.test(line) ? [line.split(" ")[1]!] : /^L /.test(line) ? [line.split(" ")[2]!] : []))
          .filter((name) => name !== "Factory")
    : [];

describe("time zones", () => {
    it("are accepted under every name of the IANA database", function () {
        if (names.length === 0) this.skip();
        expect(names.length).to.be.greaterThan(500);
        expect(names.filter((name) => !isTimeZone(name))).to.deep.equal([]);
    });

    it("are refused in another case than their own", function () {
        if (names.length === 0) this.skip();
        const others = names.flatMap((name) => [
            name.toLowerCase(),
            name.toUpperCase(),
            name.charAt(0).toLowerCase() + name.slice(1),
            name.replace(/\/([A-Z])/, (_, letter: string) => `/${letter.toLowerCase()}`),
        ]);
        const known = new Set(names);
        expect(others.filter((name) => !known.has(name) && isTimeZone(name))).to.deep.equal([]);
    });

    it("are names: no offset, no invention, nothing that means another zone on each machine", () => {
        for (const name of ["", "+02:00", "-0330", "Local", "Europe/Frankfurt", "Mars/Olympus", "CEST", "UTC+2"])
            expect(isTimeZone(name), name).to.equal(false);
    });
});
